using System.Data;
using Microsoft.Data.SqlClient;

namespace PciBus.Management.Persistence;

/// <summary>
/// A lock that SQL Server holds in one of its databases, until it is given back or the client is gone. A session owns it, and not a
/// transaction: each script has a transaction of its own, and all of them are run under one lock.
/// </summary>
internal static class SqlServerLock
{
    /// <summary>Waits until this process has the lock.</summary>
    /// <exception cref="SchemaException">SQL Server refuses the lock.</exception>
    public static IDisposable Take(DatabaseOptions options, string name)
    {
        // No pool: a connection that went back to one would keep the lock. No retry: a connection made anew would be without it.
        var builder = new SqlConnectionStringBuilder(options.ConnectionString) { Pooling = false, ConnectRetryCount = 0 };
        var connection = new SqlConnection(builder.ConnectionString);
        try
        {
            connection.Open();
            using var command = Command(connection, name);
            command.ExecuteNonQuery();
            // 0 and 1: the lock is taken, at once or after others. Below: cancelled, victim of a deadlock, an error.
            var result = (int)command.Parameters["@Result"].Value;
            if (result < 0) throw new SchemaException($"SQL Server does not give the lock \"{name}\": sp_getapplock returned {result}");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    internal static SqlCommand Command(SqlConnection connection, string name)
    {
        var command = new SqlCommand("sp_getapplock", connection) { CommandType = CommandType.StoredProcedure, CommandTimeout = 0 };
        command.Parameters.AddWithValue("@Resource", name);
        command.Parameters.AddWithValue("@LockMode", "Exclusive");
        command.Parameters.AddWithValue("@LockOwner", "Session");
        // For ever.
        command.Parameters.AddWithValue("@LockTimeout", -1);
        command.Parameters.Add(new SqlParameter("@Result", SqlDbType.Int) { Direction = ParameterDirection.ReturnValue });
        return command;
    }
}
