using Npgsql;
using PciBus.Management.Persistence;

namespace PciBus.Management.Setup;

/// <summary>How PostgreSQL's own program backs a database up.</summary>
internal static class PgDump
{
    /// <summary>The command, without the password: pg_dump asks for it, or reads it from ~/.pgpass.</summary>
    public static string CommandFor(DatabaseOptions options, string file)
    {
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString);
        return $"pg_dump --format=custom --host={connection.Host} --port={connection.Port} --username={connection.Username}"
            + $" --file={file} {connection.Database}";
    }
}
