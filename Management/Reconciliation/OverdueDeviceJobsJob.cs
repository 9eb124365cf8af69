using Quartz;

namespace PciBus.Management.Reconciliation;

/// <summary>Ends the jobs about devices whose hosts never answered.</summary>
[DisallowConcurrentExecution]
internal sealed class OverdueDeviceJobsJob(ReconciliationManager reconciliation) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await reconciliation.EndOverdueDeviceJobsAsync(cancellationToken);
}
