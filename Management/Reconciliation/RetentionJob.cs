using PciBus.Management.Persistence;

namespace PciBus.Management.Reconciliation;

/// <summary>Deletes rows that are over and were kept long enough, the oldest first.</summary>
internal sealed class RetentionJob(DatabaseTransactions transactions, IReadOnlyList<RetentionManager> kinds, TimeProvider time)
    : IReconciliationJob
{
    /// <summary>Of each kind in one run: the rest is left to the next run.</summary>
    private const int MostBatches = 100;

    public static ReconciliationJob About { get; } = new(
        typeof(RetentionJob), "retention",
        "Deletes old events, resolved alerts, ended jobs, the history of devices and expired join tokens",
        TimeSpan.FromHours(1), "how often what was kept long enough is deleted");

    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        var deleted = new List<string>();
        foreach (var kind in kinds.Where(kind => kind.Kept > TimeSpan.Zero))
        {
            var count = await DeleteAsync(kind, time.GetUtcNow() - kind.Kept, cancellationToken);
            if (count > 0) deleted.Add($"{count} {kind.What}");
        }

        return deleted.Count > 0 ? $"deleted: {string.Join(", ", deleted)}" : null;
    }

    private async Task<int> DeleteAsync(RetentionManager kind, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var deleted = 0;
        for (var batch = 1; batch <= MostBatches; batch++)
        {
            var rows = await kind.DeleteAsync(transactions, before, cancellationToken);
            deleted += rows;
            if (rows < RetentionManager.BatchSize) break;
        }

        return deleted;
    }
}
