using PciBus.Management.Persistence;

namespace PciBus.Management.Reconciliation;

/// <summary>Deletes rows of one kind that were kept long enough, in transactions that hold nobody up.</summary>
/// <param name="What">As the result of the job names them.</param>
/// <param name="Kept">How long; zero is for ever.</param>
/// <param name="DeleteOldAsync">Deletes those that are over since a moment, the oldest first, and at most so many.</param>
internal sealed record RetentionManager(
    string What, TimeSpan Kept, Func<PciBusDbContext, DateTimeOffset, int, CancellationToken, Task<int>> DeleteOldAsync)
{
    /// <summary>Rows that one transaction deletes.</summary>
    public const int BatchSize = 1000;

    /// <returns>How many were deleted; fewer than a batch when none is left.</returns>
    public Task<int> DeleteAsync(DatabaseTransactions transactions, DateTimeOffset before, CancellationToken token) =>
        transactions.RunAsync((PciBusDbContext database) => DeleteOldAsync(database, before, BatchSize, token), token);
}
