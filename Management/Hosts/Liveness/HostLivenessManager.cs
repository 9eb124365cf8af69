using Microsoft.EntityFrameworkCore;
using PciBus.Contracts;
using PciBus.Contracts.Startup;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts.Liveness;

/// <summary>Looks after the hosts that are not heard any more.</summary>
internal sealed class HostLivenessManager(
    PciBusDbContext database,
    HostStateManager states,
    Outbox outbox,
    SilenceLimits limits,
    HostOptions options,
    TimeProvider time)
{
    private const int PageSize = 100;

    /// <summary>
    /// Asks the hosts that are behind on ping. Hosts that did not answer within a ping interval come into Alert, and so do hosts that left
    /// long ago. This never takes a host for down.
    /// </summary>
    /// <returns>How many hosts were asked, or are in Alert now.</returns>
    public async Task<int> InvestigateAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await TakeBackAsync(now, cancellationToken);
        var behind = limits.Behind(now);
        List<Host> silent =
        [
            .. await SilentAsync(HostStatus.Up, behind, cancellationToken),
            .. await SilentAsync(HostStatus.Connecting, behind, cancellationToken),
        ];
        foreach (var host in silent)
        {
            if (host.LastPing < behind - options.PingInterval) await states.MoveAsync(host, HostEvent.PingTimeout, cancellationToken);
            else outbox.Add(EndpointNames.Agent(host.Guid), new CheckHealthCommand { CommandId = Guid.NewGuid(), Session = host.Session });
        }

        var gone = now - options.AlertWait;
        var disconnected = await database.Set<Host>()
            .Where(host => host.Status == HostStatus.Disconnected && host.Disconnected < gone)
            .Take(PageSize)
            .ToListAsync(cancellationToken);
        foreach (var host in disconnected) await states.MoveAsync(host, HostEvent.WaitedTooLong, cancellationToken);
        return silent.Count + disconnected.Count;
    }

    /// <summary>
    /// A host whose last ping lies in the future was heard before the clock was set back: its silence counts from now on. While a running
    /// server has a clock that is ahead, that time may be the right one.
    /// </summary>
    private Task<int> TakeBackAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var ahead = now + HeardHostsManager.Ahead;
        return database.Set<Host>()
            .Where(host => host.Status == HostStatus.Up || host.Status == HostStatus.Connecting || host.Status == HostStatus.Alert)
            .Where(host => host.LastPing > ahead && !database.Set<ManagementServerHost>().Any(server => server.LastUpdate > ahead))
            .ExecuteUpdateAsync(set => set.SetProperty(host => host.LastPing, now), cancellationToken);
    }

    private Task<List<Host>> SilentAsync(HostStatus status, DateTimeOffset since, CancellationToken cancellationToken) =>
        database.Set<Host>()
        .Where(host => host.Status == status && host.LastPing < since)
        .OrderBy(host => host.LastPing)
        .Take(PageSize)
        .ToListAsync(cancellationToken);
}
