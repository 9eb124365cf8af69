using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Deletes the markers of commits that nobody will look for any more.</summary>
internal sealed class CommitMarkersJob(ReconciliationManager reconciliation) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await reconciliation.DeleteCommitMarkersAsync(cancellationToken) is > 0 and var deleted ? $"markers deleted: {deleted}" : null;
}
