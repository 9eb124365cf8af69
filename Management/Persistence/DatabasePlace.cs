using Microsoft.EntityFrameworkCore;

namespace PciBus.Management.Persistence;

/// <summary>
/// Where a database lies, as text that a copy of it does not have: a database that was restored remembers another place
/// than the one it lies in.
/// </summary>
internal static class DatabasePlace
{
    public static async Task<string> OfAsync(PciBusDbContext database, CancellationToken cancellationToken) => database.Database.IsNpgsql()
        // Another cluster; the same, set back to an earlier moment or taken over by a replica; another database; another table.
        // The time line is that of what is written now: the control file has it only after the next checkpoint.
        ? await database.Database.SqlQuery<string>(
            $"""
            SELECT system_identifier || '/' || ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
                || '/' || d.oid || '/' || 'public.host'::regclass::oid AS "Value"
            FROM pg_control_system(), pg_database d WHERE d.datname = current_database()
            """).SingleAsync(cancellationToken)
        // Nothing tells one SQLite file from its copy: each start is in another place. One process at a time has it.
        : Guid.NewGuid().ToString();
}
