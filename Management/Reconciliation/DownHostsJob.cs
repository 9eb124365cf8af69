using Quartz;

namespace PciBus.Management.Reconciliation;

/// <summary>Leaves hosts that were declared down.</summary>
[DisallowConcurrentExecution]
internal sealed class DownHostsJob(ReconciliationManager reconciliation) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await reconciliation.LeaveDownHostsAsync(cancellationToken);
}
