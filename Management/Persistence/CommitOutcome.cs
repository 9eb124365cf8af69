using Microsoft.EntityFrameworkCore;

namespace PciBus.Management.Persistence;

/// <summary>
/// Whether a transaction was committed whose connection was lost before the answer: PostgreSQL remembers it by number.
/// SQLite answers within the process, and cannot lose it.
/// </summary>
internal static class CommitOutcome
{
    /// <summary>The number of the current transaction; null when it has written nothing, or the engine has no such thing.</summary>
    public static async Task<string?> NumberAsync(PciBusDbContext database, CancellationToken cancellationToken)
    {
        if (!database.Database.IsNpgsql()) return null;
        await using var command = database.Database.GetDbConnection().CreateCommand();
        command.CommandText = "SELECT pg_current_xact_id_if_assigned()::text";
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    /// <exception cref="TimeoutException">It is still under way; its connection was ended, so that it will not be for long.</exception>
    public static async Task<bool> IsCommittedAsync(PciBusDbContext database, string number, CancellationToken cancellationToken)
    {
        var status = await database.Database
            .SqlQuery<string?>($"SELECT pg_xact_status({number}::xid8) AS \"Value\"")
            .SingleAsync(cancellationToken);
        if (status != "in progress") return status == "committed";
        await database.Database.ExecuteSqlAsync(
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xid = ({number}::xid8)::xid", cancellationToken);
        throw new TimeoutException("The outcome of a commit is not known yet");
    }
}
