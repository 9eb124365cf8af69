using Microsoft.EntityFrameworkCore;

namespace PciBus.Management.Persistence;

/// <summary>
/// Where a database lies, as text that a copy of it does not have: a restored database remembers another place than where it lies.
/// </summary>
internal static class DatabasePlace
{
    /// <summary>Why a database on SQL Server cannot be asked, and what to do.</summary>
    public const string NotTold =
        "SQL Server does not show in which recovery fork its database is: a database that was restored would not be noticed. "
        + "Make the login of database.connection the owner of the database, or say GRANT VIEW ANY DATABASE TO it";

    /// <exception cref="SchemaException">SQL Server does not tell it to this login.</exception>
    public static async Task<string> OfAsync(PciBusDbContext database, CancellationToken cancellationToken)
    {
#pragma warning disable RS0030 // Neither of them writes.
        // Differs in another cluster; in the same cluster, set back to an earlier moment or taken over by a replica; in another database;
        // with another table. The time line is read from what is written now: the control file has it only after the next checkpoint.
        if (database.Database.IsNpgsql())
        {
            return await database.Database.SqlQuery<string>(
                $"""
                SELECT system_identifier || '/' || ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
                    || '/' || d.oid || '/' || 'public.host'::regclass::oid AS "Value"
                FROM pg_control_system(), pg_database d WHERE d.datname = current_database()
                """).SingleAsync(cancellationToken);
        }

        // Differs on another server, or another replica of an availability group; in a database that was made by RESTORE; in the same
        // database, recovered from a backup, as each recovery begins a fork of its own; with another table.
        if (database.Database.IsSqlServer())
        {
            return await database.Database.SqlQuery<string>(
                $"""
                SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ServerName')) + N'/' + CONVERT(nvarchar(36), database_guid)
                    + N'/' + CONVERT(nvarchar(36), recovery_fork_guid) + N'/' + CONVERT(nvarchar(11), OBJECT_ID(N'host')) AS [Value]
                FROM sys.database_recovery_status
                WHERE database_id = DB_ID() AND database_guid IS NOT NULL AND recovery_fork_guid IS NOT NULL
                """).SingleOrDefaultAsync(cancellationToken) ?? throw new SchemaException(NotTold);
        }
#pragma warning restore RS0030

        // Nothing tells a SQLite file from its copy: each start counts as another place. One process at a time has the file.
        return Guid.NewGuid().ToString();
    }
}
