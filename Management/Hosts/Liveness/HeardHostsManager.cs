using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts.Liveness;

/// <summary>Writes down which hosts this server heard, and knows how often the other servers have done so.</summary>
internal sealed class HeardHostsManager(PciBusDbContext database, ProcessIncarnation incarnation, TimeProvider time)
{
    /// <summary>A server that has written nothing for so long is gone; the time is longer than any two clocks differ.</summary>
    private static readonly TimeSpan Gone = TimeSpan.FromMinutes(5);

    /// <summary>The clocks of servers that are kept right differ by less.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromMinutes(1);

    /// <summary>Writes down that hosts were heard by now, all in one update, and that this server has done so.</summary>
    /// <returns>How many hosts there were.</returns>
    public async Task<int> WriteAsync(IReadOnlyCollection<long> heard, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var isKnown = await database.Set<ManagementServerHost>().Where(server => server.RunId == incarnation.Name).ExecuteUpdateAsync(
            set => set.SetProperty(server => server.Writings, server => server.Writings + 1).SetProperty(server => server.LastUpdate, now),
            cancellationToken) > 0;
        if (!isKnown)
        {
            var gone = now - Gone;
            await database.Set<ManagementServerHost>().Where(server => server.LastUpdate < gone).ExecuteDeleteAsync(cancellationToken);
            await TakeBackAsync(cancellationToken);
            database.Add(new ManagementServerHost
            {
                RunId = incarnation.Name,
                SchemaScript = SchemaInstaller.Newest,
                Writings = 1,
                LastUpdate = now,
            });
        }

        if (heard.Count == 0) return 0;
        return await database.Set<Host>()
            .Where(host => heard.Contains(host.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(host => host.LastPing, now), cancellationToken);
    }

    /// <summary>
    /// After the clock was set: takes back times that are still to come, which servers wrote before. A server that lives, and whose clock
    /// is ahead, writes such a time again.
    /// </summary>
    public Task TakeBackAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var ahead = now + Ahead;
        return database.Set<ManagementServerHost>()
            .Where(server => server.LastUpdate > ahead)
            .ExecuteUpdateAsync(set => set.SetProperty(server => server.LastUpdate, now), cancellationToken);
    }

    /// <summary>Whether a server runs whose program knows another schema: servers are upgraded one after the other.</summary>
    public Task<bool> IsAnotherVersionThereAsync(CancellationToken cancellationToken)
    {
        var gone = time.GetUtcNow() - Gone;
        return database.Set<ManagementServerHost>()
            .AnyAsync(server => server.LastUpdate >= gone && server.SchemaScript != SchemaInstaller.Newest, cancellationToken);
    }

    /// <summary>The other servers that run, with how often each has written.</summary>
    public async Task<IReadOnlyDictionary<string, long>> OthersAsync(CancellationToken cancellationToken)
    {
        var gone = time.GetUtcNow() - Gone;
        return await database.Set<ManagementServerHost>().AsNoTracking()
            .Where(server => server.RunId != incarnation.Name && server.LastUpdate >= gone)
            .ToDictionaryAsync(server => server.RunId, server => server.Writings, cancellationToken);
    }

    /// <summary>Forgets a server, unless it has written meanwhile. A server that lives is known again with its next writing.</summary>
    public Task ForgetAsync(string runId, long writings, CancellationToken cancellationToken) => database.Set<ManagementServerHost>()
        .Where(server => server.RunId == runId && server.Writings == writings)
        .ExecuteDeleteAsync(cancellationToken);
}
