using Microsoft.EntityFrameworkCore;
using PciBus.Contracts;
using PciBus.Contracts.Startup;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts;

/// <summary>Writes down when hosts were heard, all in one update, and looks after those that are not heard any more.</summary>
internal sealed class HostLivenessManager(
    PciBusDbContext database, HostLiveness liveness, HostManager hosts, Outbox outbox, HostOptions options, TimeProvider time)
{
    /// <summary>How often each server writes down which hosts it heard.</summary>
    public static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(5);

    private const int PageSize = 100;

    /// <summary>A host that was heard last before this moment is behind on ping.</summary>
    public static DateTimeOffset Behind(HostOptions options, DateTimeOffset now) =>
        // What a server heard just now is not written down yet.
        now - WriteInterval - (options.PingInterval * (double)options.PingTimeout);

    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var heard = liveness.TakeHeard();
        if (heard.Count == 0) return;
        var now = time.GetUtcNow();
        await database.Set<Host>()
            .Where(host => heard.Contains(host.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(host => host.LastPing, now), cancellationToken);
    }

    /// <summary>
    /// Asks the hosts that are behind on ping; those that did not answer within a ping interval are in Alert, and so are those
    /// that left long ago. It never takes a host for down.
    /// </summary>
    public async Task InvestigateAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var behind = Behind(options, now);
        var up = await SilentAsync(HostStatus.Up, behind, cancellationToken);
        foreach (var host in up.Concat(await SilentAsync(HostStatus.Connecting, behind, cancellationToken)))
        {
            if (host.LastPing < behind - options.PingInterval) await hosts.MoveAsync(host, HostEvent.PingTimeout, cancellationToken);
            else outbox.Add(EndpointNames.Agent(host.Guid), new CheckHealthCommand { CommandId = Guid.NewGuid(), Session = host.Session });
        }

        var gone = now - options.AlertWait;
        var disconnected = await database.Set<Host>()
            .Where(host => host.Status == HostStatus.Disconnected && host.Disconnected < gone)
            .Take(PageSize)
            .ToListAsync(cancellationToken);
        foreach (var host in disconnected) await hosts.MoveAsync(host, HostEvent.WaitedTooLong, cancellationToken);
    }

    private Task<List<Host>> SilentAsync(HostStatus status, DateTimeOffset since, CancellationToken cancellationToken) => database.Set<Host>()
        .Where(host => host.Status == status && host.LastPing < since)
        .OrderBy(host => host.LastPing)
        .Take(PageSize)
        .ToListAsync(cancellationToken);
}
