using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.PciDevices;

/// <summary>
/// Gives single devices to virtual machines that run, and takes them back. A claim locks its host's capacity row first, as the claims of
/// starts do. A release needs its host's word about that one device.
/// </summary>
internal sealed class PciDeviceHotplugManager(
    PciBusDbContext database,
    PciDeviceManager devices,
    PlacementClassManager classes,
    DegradationManager degradation,
    HostReportManager reports,
    PlaceManager places)
{
    private const string Gone = "The device is gone: nobody configured or owned it";

    /// <summary>Finds a device that a virtual machine owns on its host.</summary>
    /// <returns>The device; or why not.</returns>
    public async Task<(PciDevice? Device, string? WhyNot)> FindAsync(
        VirtualMachine vm, long hostId, long deviceId, CancellationToken cancellationToken)
    {
        var device = await database.Set<PciDevice>().AsNoTracking().SingleOrDefaultAsync(row => row.Id == deviceId, cancellationToken);
        if (device is null) return (null, Gone);
        if (device.InstanceId != vm.Id) return (null, $"{device.Address} ({device.Name}) is not {vm.Name}'s");
        return device.HostId == hostId ? (device, null) : (null, await ElsewhereAsync(vm, hostId, device, cancellationToken));
    }

    /// <summary>Claims one device for a virtual machine that runs; a device that it owns already counts as claimed.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <param name="hostId">Where it runs.</param>
    /// <param name="name">Any free device of this name; with a device, the name is not looked at.</param>
    /// <param name="deviceId">This device; null for any of the name.</param>
    /// <param name="tried">Devices that are not taken again.</param>
    public async Task<PciDeviceClaim> ClaimAsync(
        VirtualMachine vm, long hostId, string? name, long? deviceId, IReadOnlyCollection<long> tried, TransitionReason reason,
        CancellationToken cancellationToken)
    {
        if (deviceId is { } id)
        {
            var device = await database.Set<PciDevice>().AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);
            if (device is null) return new PciDeviceClaim { WhyNot = Gone };
            if (device.HostId != hostId) return new PciDeviceClaim { WhyNot = await ElsewhereAsync(vm, hostId, device, cancellationToken) };
            if (device.InstanceId == vm.Id) return new PciDeviceClaim { Device = device };
        }

        var host = await database.RowAsync<Host>(hostId, cancellationToken);
        await reports.LookAnewAsync(hostId, cancellationToken);
        if (!await database.Set<HostCapacity>().AnyAsync(
            row => row.HostId == hostId && row.CapacityState == CapacityState.Enabled, cancellationToken))
        {
            var closed = (await places.ClosedAsync(host.DataCenterId, cancellationToken)).GetValueOrDefault(host.ClusterId);
            return new PciDeviceClaim
            {
                WhyNot = closed is not null
                    ? $"{host.Name} gives out no devices: its {closed}"
                    : $"{host.Name} is {host.Status} and {host.ResourceState}: it gives out devices only when it is Up and Enabled",
            };
        }

        var all = await database.Set<PciDevice>().AsNoTracking().Where(device => device.HostId == hostId).ToListAsync(cancellationToken);
        var (picked, why) = Pick(all, vm.Id, name, deviceId, tried);
        if (picked is null) return new PciDeviceClaim { WhyNot = $"{host.Name}: {why}" };
        if (await devices.TakeAsync(picked, vm.Id, reason, cancellationToken) is { } refusal)
        {
            return new PciDeviceClaim { Refusal = refusal };
        }
        await classes.RefreshAsync(hostId, all, cancellationToken);
        return new PciDeviceClaim { Device = picked, IsNew = true };
    }

    /// <summary>Releases a device on its host's word that the device is not in the domain.</summary>
    /// <param name="byHand">An operator had it detached: the virtual machine should no longer have it.</param>
    public async Task ReleaseAsync(
        VirtualMachine vm, long deviceId, OffEvidence evidence, bool byHand, TransitionReason reason, CancellationToken cancellationToken)
    {
        await reports.LookAnewAsync(evidence.HostId, cancellationToken);
        var device = await database.Set<PciDevice>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.Id == deviceId && row.HostId == evidence.HostId && row.InstanceId == vm.Id, cancellationToken);
        if (device is null) return;
        await devices.ReleaseAsync(device, vm.Id, vm.Uuid, evidence, reason, cancellationToken);
        await classes.RefreshAsync(evidence.HostId, cancellationToken);
        var name = device.ClaimedName ?? device.Name;
        if (byHand) await WantAsync(vm, wanted => wanted.With(name, wanted.Count(name) - 1), cancellationToken);
        await degradation.JudgeAsync(vm, cancellationToken);
    }

    /// <summary>Notes that a device is in the domain, as the host says: the virtual machine should have it from now on.</summary>
    /// <param name="session">Session and sequence of its word.</param>
    public async Task NoteAttachedAsync(VirtualMachine vm, long deviceId, long session, long sequence, CancellationToken cancellationToken)
    {
        var device = await database.Set<PciDevice>().AsNoTracking().SingleAsync(row => row.Id == deviceId, cancellationToken);
        // The last report may be older than this word: the next report is compared, even if it is the same.
        await reports.LookAnewAsync(device.HostId, cancellationToken);
        await database.Set<PciDevice>()
            .Where(row => row.Id == deviceId && row.InstanceId == vm.Id && row.Claim == device.Claim
                && (row.SeenSession < session || (row.SeenSession == session && row.SeenSequence < sequence)))
            .ExecuteUpdateAsync(
                set => set.SetProperty(row => row.SeenIn, vm.Uuid)
                    .SetProperty(row => row.SeenSession, session)
                    .SetProperty(row => row.SeenSequence, sequence),
                cancellationToken);
        var name = device.ClaimedName ?? device.Name;
        var has = await database.Set<PciDevice>()
            .CountAsync(row => row.InstanceId == vm.Id && row.HostId == device.HostId && row.ClaimedName == name, cancellationToken);
        // A device that replaces a lost device adds nothing to what the virtual machine should have.
        await WantAsync(vm, wanted => wanted.With(name, Math.Max(wanted.Count(name), has)), cancellationToken);
        degradation.CountSuccess(vm);
        await degradation.JudgeAsync(vm, cancellationToken);
    }

    /// <summary>
    /// The devices of a host that stand in a virtual machine's way. Its own devices do not, except a physical function and its virtual
    /// functions, of which one takes the other with it.
    /// </summary>
    public static IReadOnlyList<PciDevice> InTheWayOf(long vmId, IReadOnlyList<PciDevice> all)
    {
        var parents = all.Select(device => device.PhysicalFunction).OfType<string>().ToHashSet();
        return [.. all.Where(
            device => device.InstanceId != vmId || device.PhysicalFunction is not null || parents.Contains(device.AddressText))];
    }

    private static (PciDevice? Picked, string? WhyNot) Pick(
        List<PciDevice> all, long vmId, string? name, long? deviceId, IReadOnlyCollection<long> tried)
    {
        var others = InTheWayOf(vmId, all);
        if (deviceId is { } id)
        {
            var asked = all.Single(device => device.Id == id);
            return new PciDeviceAccounter(others).WhyNot(asked) is { } why
                ? (null, $"{asked.Address} ({asked.Name}) is {why}")
                : (asked, null);
        }

        var request = PciDeviceNames.Of([name!]);
        var untried = others.Where(device => device.InstanceId is not null || !tried.Contains(device.Id)).ToList();
        if (new PciDeviceAccounter(untried).Pick(request) is { } picked) return (picked.Single(), null);
        return (null, new PciDeviceAccounter(all).Shortage(request) ?? (tried.Count > 0
            ? $"every free {name} has been tried"
            : $"no free {name} can be given out beside those in use"));
    }

    private async Task WantAsync(VirtualMachine vm, Func<PciDeviceNames, PciDeviceNames> change, CancellationToken cancellationToken)
    {
        var offering = await database.RowAsync<ServiceOffering>(vm.ServiceOfferingId, cancellationToken);
        var before = PciDeviceShortage.WantedBy(vm, offering.PciDevices);
        var after = change(before);
        if (after.Equals(before)) return;
        vm.WantedPciDevices = after.Equals(PciDeviceNames.ParseList(offering.PciDevices)) ? null : after.List;
        vm.UpdateCount++;
    }

    private async Task<string> ElsewhereAsync(VirtualMachine vm, long hostId, PciDevice device, CancellationToken cancellationToken) =>
        $"{device.Address} ({device.Name}) is on {(await database.RowAsync<Host>(device.HostId, cancellationToken)).Name}, "
        + $"and {vm.Name} runs on {(await database.RowAsync<Host>(hostId, cancellationToken)).Name}";
}
