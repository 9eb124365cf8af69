using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PciBus.Management.Persistence;

/// <summary>
/// Lets SQLite's log grow to 32 MB before it is copied into the database file, eight times the default: pages of small tables, which are
/// written again and again, are then copied that much less often.
/// </summary>
internal sealed class SqliteCheckpoints : DbConnectionInterceptor
{
    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_autocheckpoint = 8000";
        command.ExecuteNonQuery();
    }

    public override Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        ConnectionOpened(connection, eventData);
        return Task.CompletedTask;
    }
}
