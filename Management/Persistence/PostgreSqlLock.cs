using Npgsql;

namespace PciBus.Management.Persistence;

/// <summary>A lock that PostgreSQL holds for one of its clients, until it is given back or the client is gone.</summary>
internal static class PostgreSqlLock
{
    /// <summary>Waits until this process has the lock.</summary>
    public static IDisposable Take(DatabaseOptions options, string name)
    {
        // A connection outside the pool: a connection that went back to a pool would keep the lock.
        var builder = new NpgsqlConnectionStringBuilder(options.ConnectionString) { Pooling = false };
        var connection = new NpgsqlConnection(builder.ConnectionString);
        try
        {
            connection.Open();
            using var command = new NpgsqlCommand("SELECT pg_advisory_lock(hashtextextended(@name, 0))", connection) { CommandTimeout = 0 };
            command.Parameters.AddWithValue("name", name);
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
