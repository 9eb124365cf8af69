using PciBus.Contracts.Startup;
using PciBus.Management.Events;
using PciBus.Management.PciDevices;

namespace PciBus.Management.Hosts;

/// <summary>Decides on announcements: of hosts that are known, of new ones, and of those that were deleted.</summary>
internal sealed class HostAnnouncementManager(
    HostManager hosts, HostMachineManager machines, DeletedHostManager deleted, HostPlaceManager places, PlacementClassManager classes, AlertManager alerts)
{
    /// <summary>Begins a session of the host that announces itself, unless it is refused.</summary>
    /// <returns>The host, or why it is refused, for its agent; an alert tells the operator.</returns>
    public async Task<(Host? Host, string? Refused)> ConnectAsync(StartupRoutingCommand startup, CancellationToken cancellationToken)
    {
        var known = await hosts.FindAsync(startup.Guid, cancellationToken);
        if (await machines.WhyRefusedAsync(known, startup, cancellationToken) is { } why) return (null, why);
        var nothing = await classes.EnsureAsync("", PciDeviceNames.None, cancellationToken);
        if (await hosts.ConnectAsync(known, startup, nothing, cancellationToken) is not { } host)
        {
            await alerts.RaiseBoundedAsync(
                AlertType.HostRefused,
                HostManager.HasNotJoined(startup.Name),
                $"Its guid is {startup.Guid}. createHostJoinToken makes a token, with which \"Agent join\" makes it a host.",
                cancellationToken);
            return (null, "no such host has joined");
        }

        if (known is null) await deleted.HoldBackAsync(host, cancellationToken);
        else await places.NoteAsync(host, startup, cancellationToken);
        await machines.TakeAsync(host, startup.Machine, cancellationToken);
        return (host, null);
    }
}
