using Microsoft.EntityFrameworkCore;

namespace PciBus.Management.Persistence;

/// <summary>
/// Finds out whether a transaction was committed whose connection was lost before the answer: it leaves a marker that only a commit makes
/// visible. (PostgreSQL's own numbers do not serve: after a crash it may give the number of a lost transaction to another.) SQLite answers
/// within the process, and cannot lose the answer.
/// </summary>
internal static class CommitOutcome
{
    /// <summary>How long markers are kept; far longer than any process goes on looking.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    /// <summary>Marks the current transaction, just before its commit.</summary>
    /// <returns>The marker; null when it has written nothing, or the engine needs none.</returns>
    public static async Task<Guid?> MarkAsync(PciBusDbContext database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (database.Database.IsSqlite()) return null;
        var id = Guid.CreateVersion7(now);
        if (database.Database.IsSqlServer())
        {
            if (!database.HasWritten) return null;
            await database.Database.ExecuteSqlAsync(
                $"INSERT INTO commit_marker (id, created, lost) VALUES ({id}, {now.UtcDateTime}, 0)", cancellationToken);
            return id;
        }

        var marked = await database.Database.ExecuteSqlAsync(
            $"INSERT INTO commit_marker (id, created, lost) SELECT {id}, {now}, FALSE WHERE pg_current_xact_id_if_assigned() IS NOT NULL",
            cancellationToken);
        return marked == 1 ? id : null;
    }

    /// <summary>
    /// Whether the transaction of a marker was committed. This puts a marker of its own in the same place, which waits for a transaction
    /// that is still under way, and then looks whose marker is there: asked again, it answers the same.
    /// </summary>
    public static async Task<bool> IsCommittedAsync(
        PciBusDbContext database, Guid id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Both inserts wait for a transaction that has written the same key, on SQL Server also under READ_COMMITTED_SNAPSHOT, which is
        // about reading. 2627: the key is there.
        await database.Database.ExecuteSqlAsync(
            database.Database.IsSqlServer()
                ? $"""
                BEGIN TRY
                    INSERT INTO commit_marker (id, created, lost) VALUES ({id}, {now.UtcDateTime}, 1);
                END TRY
                BEGIN CATCH
                    IF ERROR_NUMBER() <> 2627 THROW;
                END CATCH
                """
                : (FormattableString)$"""
                INSERT INTO commit_marker (id, created, lost) VALUES ({id}, {now}, TRUE) ON CONFLICT (id) DO NOTHING
                """,
            cancellationToken);
        return await database.Set<CommitMarker>().AnyAsync(marker => marker.Id == id && !marker.Lost, cancellationToken);
    }

    /// <summary>Deletes the markers that no process will look for any more.</summary>
    public static Task<int> DeleteOldAsync(PciBusDbContext database, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.Set<CommitMarker>().Where(marker => marker.Created < now - Kept).ExecuteDeleteAsync(cancellationToken);
}
