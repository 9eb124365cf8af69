using Quartz;

namespace PciBus.Management.Reconciliation;

/// <summary>Wakes parked workflows whose host speaks, should the event that does so have been lost.</summary>
[DisallowConcurrentExecution]
internal sealed class ParkedWorkflowsJob(ReconciliationManager reconciliation) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await reconciliation.WakeParkedAsync(cancellationToken);
}
