using PciBus.Contracts.Startup;
using PciBus.Management.Events;

namespace PciBus.Management.Hosts;

/// <summary>Decides on announcements of known hosts, of new hosts and of hosts that were deleted.</summary>
internal sealed class HostAnnouncementManager(
    HostManager hosts,
    HostConnectionManager connections,
    HostMachineManager machines,
    DeletedHostManager deleted,
    HostPlaceManager places,
    AlertManager alerts,
    HostOptions options)
{
    /// <summary>Subject of the alert about an agent that announces itself and is no host.</summary>
    public static string HasNotJoined(string name) => $"{name} announced itself, and no such host has joined";

    /// <summary>Begins a session of the host that announces itself, unless it is refused.</summary>
    /// <returns>
    /// The host, or why it is refused, for its agent: an alert tells the operator. Of a known host also the boot in which it announced
    /// itself the last time.
    /// </returns>
    public async Task<(Host? Host, string? BootBefore, string? Refused)> ConnectAsync(
        StartupRoutingCommand startup, CancellationToken cancellationToken)
    {
        var known = await hosts.FindAsync(startup.Guid, cancellationToken);
        if (await machines.WhyRefusedAsync(known, startup, cancellationToken) is { } why) return (null, null, why);
        if (known is null && options.Admission == HostAdmission.Joined)
        {
            await alerts.RaiseBoundedAsync(
                AlertType.HostRefused,
                HasNotJoined(startup.Name),
                $"Its guid is {startup.Guid}. createHostJoinToken makes a token, with which \"Agent join\" makes it a host.",
                cancellationToken);
            return (null, null, "no such host has joined");
        }

        var bootBefore = known?.BootId;
        var host = known ?? await AddAsync(startup, cancellationToken);
        await connections.ConnectAsync(host, startup, cancellationToken);
        if (known is null) await deleted.HoldBackAsync(host, cancellationToken);
        else await places.NoteAsync(host, startup, cancellationToken);
        await machines.TakeAsync(host, startup.Machine, cancellationToken);
        return (host, bootBefore, null);
    }

    private async Task<Host> AddAsync(StartupRoutingCommand startup, CancellationToken cancellationToken)
    {
        var cluster = await places.ClusterOfAsync(startup, cancellationToken);
        var host = await hosts.AddAsync(startup.Guid, startup.Name, cluster, "announced itself", cancellationToken);
        await alerts.ResolveAsync(AlertType.HostRefused, [HasNotJoined(startup.Name)], cancellationToken);
        return host;
    }
}
