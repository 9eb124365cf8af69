using Quartz;

namespace PciBus.Management.Reconciliation;

/// <summary>Wakes the workflows whose deadline has passed.</summary>
[DisallowConcurrentExecution]
internal sealed class OverdueWorkflowsJob(ReconciliationManager reconciliation) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await reconciliation.FeedOverdueAsync(cancellationToken);
}
