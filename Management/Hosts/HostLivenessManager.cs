using Microsoft.EntityFrameworkCore;
using PciBus.Contracts;
using PciBus.Contracts.Startup;
using PciBus.Management.Persistence;
using PciBus.Management.Upkeep;

namespace PciBus.Management.Hosts;

/// <summary>Looks after the hosts that are not heard any more.</summary>
internal sealed class HostLivenessManager(
    PciBusDbContext database,
    HostManager hosts,
    Outbox outbox,
    HostOptions options,
    ReconciliationOptions reconciliation,
    TimeProvider time)
{
    private const int PageSize = 100;

    /// <summary>A host that was heard last before this moment is behind on ping.</summary>
    public static DateTimeOffset Behind(HostOptions options, ReconciliationOptions reconciliation, DateTimeOffset now) =>
        // What a server heard just now is not written down yet.
        now - reconciliation.HostLiveness - (options.PingInterval * (double)options.PingTimeout);

    /// <summary>A host that was heard last at this moment or before has been silent long enough to be fenced.</summary>
    public static DateTimeOffset Silent(HostOptions options, ReconciliationOptions reconciliation, DateTimeOffset now) =>
        // Behind on ping, asked whether it is there, and a ping interval of grace in Alert.
        Behind(options, reconciliation, now) - (options.PingInterval * 2);

    /// <summary>
    /// Asks the hosts that are behind on ping; those that did not answer within a ping interval are in Alert, and so are those
    /// that left long ago. It never takes a host for down.
    /// </summary>
    /// <returns>How many hosts were asked, or are in Alert now.</returns>
    public async Task<int> InvestigateAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await TakeBackAsync(now, cancellationToken);
        var behind = Behind(options, reconciliation, now);
        List<Host> silent =
        [
            .. await SilentAsync(HostStatus.Up, behind, cancellationToken),
            .. await SilentAsync(HostStatus.Connecting, behind, cancellationToken),
        ];
        foreach (var host in silent)
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
        return silent.Count + disconnected.Count;
    }

    /// <summary>
    /// A host that was heard at a time which is still to come was heard before the clock was set back. Its silence counts from now on.
    /// While a server that runs has a clock that is ahead, the time may be the right one.
    /// </summary>
    private Task<int> TakeBackAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var ahead = now + HeardHostsManager.Ahead;
        return database.Set<Host>()
            .Where(host => host.Status == HostStatus.Up || host.Status == HostStatus.Connecting || host.Status == HostStatus.Alert)
            .Where(host => host.LastPing > ahead && !database.Set<ManagementServerHost>().Any(server => server.LastUpdate > ahead))
            .ExecuteUpdateAsync(set => set.SetProperty(host => host.LastPing, now), cancellationToken);
    }

    private Task<List<Host>> SilentAsync(HostStatus status, DateTimeOffset since, CancellationToken cancellationToken) => database.Set<Host>()
        .Where(host => host.Status == status && host.LastPing < since)
        .OrderBy(host => host.LastPing)
        .Take(PageSize)
        .ToListAsync(cancellationToken);
}
