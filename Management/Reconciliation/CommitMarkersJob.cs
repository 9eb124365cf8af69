using PciBus.Management.Persistence;

namespace PciBus.Management.Reconciliation;

/// <summary>Deletes the markers of commits that no process will look for any more.</summary>
internal sealed class CommitMarkersJob(DatabaseTransactions transactions) : IReconciliationJob
{
    public static ReconciliationJob About { get; } = new(
        typeof(CommitMarkersJob), "commit.markers", "Deletes the markers of commits that nobody looks for any more",
        TimeSpan.FromMinutes(1), "how often markers of commits are deleted");

    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await transactions.DeleteMarkersAsync(cancellationToken) is > 0 and var deleted ? $"markers deleted: {deleted}" : null;
}
