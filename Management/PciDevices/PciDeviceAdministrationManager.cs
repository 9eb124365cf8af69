using Microsoft.EntityFrameworkCore;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;

namespace PciBus.Management.PciDevices;

/// <summary>What an operator may change of a device. None of it touches its owner.</summary>
internal sealed class PciDeviceAdministrationManager(
    PciBusDbContext database,
    PlacementClassManager classes,
    PciDeviceQuarantineManager quarantine,
    EventManager events,
    TimeProvider time)
{
    /// <summary>Gives a device the operator's name, or the reported one again.</summary>
    /// <param name="name">Null = as reported.</param>
    public async Task<Refusal?> RenameAsync(long deviceId, string? name, Caller caller, CancellationToken cancellationToken)
    {
        if (name is not null && PciDeviceName.WhyNot(name) is { } why) return Refusal.InvalidParameter(why);
        var device = await LoadAsync(deviceId, cancellationToken);
        if (device is null) return Gone;
        var before = device.Name;
        (device.NameOverride, device.Name) = (name, name ?? device.ReportedName);
        var story = $"renamed by the operator from {before} to {device.Name}{(name is null ? ", as reported" : "")}";
        await SaveAsync(device, PciDeviceChange.Renamed, EventTypes.PciDeviceUpdate, story, caller, cancellationToken);
        return null;
    }

    /// <summary>Lets a device be given out, or not; the virtual machine that owns it keeps it until it stops.</summary>
    public async Task<Refusal?> EnableAsync(long deviceId, bool enabled, Caller caller, CancellationToken cancellationToken)
    {
        var device = await LoadAsync(deviceId, cancellationToken);
        if (device is null) return Gone;
        if (device.Enabled == enabled) return null;
        device.Enabled = enabled;
        var (what, eventType) = enabled
            ? (PciDeviceChange.Enabled, EventTypes.PciDeviceEnable)
            : (PciDeviceChange.Disabled, EventTypes.PciDeviceDisable);
        await SaveAsync(device, what, eventType, $"{(enabled ? "enabled" : "disabled")} by the operator", caller, cancellationToken);
        return null;
    }

    /// <summary>Begins to take a device out of quarantine; its host checks it first.</summary>
    public async Task<(Refusal? Refusal, Guid JobUuid)> BeginReleaseAsync(
        long deviceId, JobRequest request, CancellationToken cancellationToken)
    {
        var device = await LoadAsync(deviceId, cancellationToken);
        if (device is null) return (Gone, default);
        if (device.Health != PciDeviceHealth.Quarantined)
        {
            return (Refusal.InvalidParameter($"{device.Address} ({device.Name}) is not quarantined"), default);
        }

        if (device.InstanceId is not null)
        {
            return (new Refusal(
                RefusalCause.ResourceInUse, $"{device.Address} ({device.Name}) is in use; its owner must stop first"), default);
        }

        var host = await database.Set<Host>().AsNoTracking().SingleAsync(row => row.Id == device.HostId, cancellationToken);
        if (host.Status != HostStatus.Up)
        {
            var text = $"{host.Name} is {host.Status}; it can check {device.Address} ({device.Name}) only when it is Up";
            return (Refusal.InvalidParameter(text), default);
        }

        return (null, (await quarantine.BeginReleaseAsync(device, request, cancellationToken)).Uuid);
    }

    private static Refusal Gone => Refusal.InvalidParameter("The device is gone: nobody configured or owned it");

    /// <summary>
    /// Loads a device, and changes its host's capacity row first: a change of a device so stands in the same line as the claims on its
    /// host, and the placement class that is computed at the end has seen them.
    /// </summary>
    private async Task<PciDevice?> LoadAsync(long deviceId, CancellationToken cancellationToken)
    {
        await database.Set<HostCapacity>()
            .Where(capacity => database.Set<PciDevice>().Where(device => device.Id == deviceId)
                .Select(device => device.HostId).Contains(capacity.HostId))
            .ExecuteUpdateAsync(
                set => set.SetProperty(capacity => capacity.UpdateCount, capacity => capacity.UpdateCount + 1), cancellationToken);
        return await database.Set<PciDevice>().SingleOrDefaultAsync(device => device.Id == deviceId, cancellationToken);
    }

    private async Task SaveAsync(
        PciDevice device, PciDeviceChange what, string eventType, string story, Caller caller, CancellationToken cancellationToken)
    {
        database.Add(device.HistoryOf(what, device.InstanceId, story, null, time.GetUtcNow()));
        events.Record(eventType, $"device {device.Address}: {story}", caller, nameof(PciDevice), device.Id);
        await database.SaveChangesAsync(cancellationToken);
        await classes.RefreshAsync(device.HostId, cancellationToken);
    }
}
