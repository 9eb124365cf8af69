using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PciBus.Management.Persistence;

/// <summary>
/// Has each new connection to SQL Server looked at. The client keeps connections in a pool and tells nobody when it makes one. Each
/// connection has an identity of its own: a connection with an identity that is not known is new.
/// </summary>
internal sealed class SqlServerWatch(DatabaseWatch watch) : DbConnectionInterceptor
{
    /// <summary>How many identities are remembered: more than a pool has. Beyond that all connections are looked at once more.</summary>
    private const int Most = 1000;

    private readonly ConcurrentDictionary<Guid, bool> _known = [];

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) =>
        LookAsync((SqlConnection)connection).GetAwaiter().GetResult();

    public override Task ConnectionOpenedAsync(
        DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default) =>
        LookAsync((SqlConnection)connection);

    private async Task LookAsync(SqlConnection connection)
    {
        var identity = connection.ClientConnectionId;
        if (_known.ContainsKey(identity)) return;
        try
        {
            await watch.LookAsync(new DbContextOptionsBuilder<PciBusDbContext>().UseSqlServer(connection).Options);
        }
        catch
        {
            // Closed, as a context would go on with a connection that is open.
            await connection.CloseAsync();
            throw;
        }

        if (_known.Count >= Most) _known.Clear();
        _known[identity] = true;
    }
}
