using Quartz;

namespace PciBus.Management.Reconciliation;

/// <summary>Deletes the markers of commits that nobody will look for any more.</summary>
[DisallowConcurrentExecution]
internal sealed class CommitMarkersJob(ReconciliationManager reconciliation) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await reconciliation.DeleteCommitMarkersAsync(cancellationToken);
}
