using Quartz;

namespace PciBus.Management.Reconciliation;

/// <summary>Ends the reconnections whose agents did not announce themselves.</summary>
[DisallowConcurrentExecution]
internal sealed class OverdueReconnectsJob(ReconciliationManager reconciliation) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await reconciliation.EndOverdueReconnectsAsync(cancellationToken);
}
