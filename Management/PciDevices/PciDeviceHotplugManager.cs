using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.PciDevices;

/// <summary>
/// Gives single devices to virtual machines that run, and takes them back. A claim stands in line behind its host's capacity row,
/// as those of starts do; a release needs its host's word about that one device.
/// </summary>
internal sealed class PciDeviceHotplugManager(
    PciBusDbContext database, PciDeviceManager devices, PlacementClassManager classes, DegradationManager degradation)
{
    /// <summary>Finds a device that a virtual machine owns on its host.</summary>
    /// <returns>The device; or why not.</returns>
    public async Task<(PciDevice? Device, string? WhyNot)> FindAsync(VirtualMachine vm, long hostId, long deviceId, CancellationToken cancellationToken)
    {
        var device = await database.Set<PciDevice>().AsNoTracking().SingleOrDefaultAsync(row => row.Id == deviceId, cancellationToken);
        if (device is null) return (null, "The device is gone: nobody configured or owned it");
        if (device.InstanceId != vm.Id) return (null, $"{device.Address} ({device.Name}) is not {vm.Name}'s");
        return device.HostId == hostId ? (device, null) : (null, await ElsewhereAsync(vm, hostId, device, cancellationToken));
    }

    /// <summary>Claims one device for a virtual machine that runs; one that it owns already is that.</summary>
    /// <param name="name">Any free one of this name; with a device, the name is not looked at.</param>
    /// <param name="deviceId">This one; null for any of the name.</param>
    /// <param name="tried">Devices that are not taken again.</param>
    /// <returns>The device, and whether it was claimed now; or why there is none; or the refusal when a race was lost.</returns>
    public async Task<(PciDevice? Device, bool IsNew, string? WhyNot, Refusal? Refusal)> ClaimAsync(
        VirtualMachine vm, long hostId, string? name, long? deviceId, IReadOnlyCollection<long> tried, TransitionReason reason, CancellationToken cancellationToken)
    {
        if (deviceId is { } id)
        {
            var (own, whyNot) = await FindAsync(vm, hostId, id, cancellationToken);
            if (own is not null) return (own, false, null, null);
            if (!await database.Set<PciDevice>().AnyAsync(device => device.Id == id && device.HostId == hostId, cancellationToken))
            {
                var elsewhere = await database.Set<PciDevice>().AsNoTracking().SingleOrDefaultAsync(device => device.Id == id, cancellationToken);
                return (null, false, elsewhere is null ? whyNot : await ElsewhereAsync(vm, hostId, elsewhere, cancellationToken), null);
            }
        }

        var host = await database.RowAsync<Host>(hostId, cancellationToken);
        if (!await StandInLineAsync(LineOf(hostId).Where(capacity => capacity.CapacityState == CapacityState.Enabled), cancellationToken))
        {
            return (null, false, $"{host.Name} is {host.Status} and {host.ResourceState}: it gives out devices only when it is Up and Enabled", null);
        }

        var all = await database.Set<PciDevice>().AsNoTracking().Where(device => device.HostId == hostId).ToListAsync(cancellationToken);
        var (picked, why) = Pick(all, vm.Id, name, deviceId, tried);
        if (picked is null) return (null, false, $"{host.Name}: {why}", null);
        if (await devices.TakeAsync(picked, vm.Id, reason, cancellationToken) is { } refusal) return (null, false, null, refusal);
        await classes.RefreshAsync(hostId, all, cancellationToken);
        return (picked, true, null, null);
    }

    /// <summary>Releases a device on its host's word that it is not in the domain.</summary>
    /// <param name="byHand">An operator had it detached: what of it is of the offering is not given again by itself.</param>
    public async Task ReleaseAsync(
        VirtualMachine vm, long deviceId, OffEvidence evidence, bool byHand, TransitionReason reason, CancellationToken cancellationToken)
    {
        await StandInLineAsync(LineOf(evidence.HostId), cancellationToken);
        var device = await database.Set<PciDevice>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.Id == deviceId && row.HostId == evidence.HostId && row.InstanceId == vm.Id, cancellationToken);
        if (device is null) return;
        await devices.ReleaseAsync(device, vm.Id, vm.Uuid, evidence, reason, cancellationToken);
        await classes.RefreshAsync(evidence.HostId, cancellationToken);
        if (byHand) await CountDetachedAsync(vm, evidence.HostId, device, 1, cancellationToken);
        await degradation.JudgeAsync(vm, cancellationToken);
    }

    /// <summary>The host says that a device is in the domain.</summary>
    /// <param name="session">Session and sequence of its word.</param>
    /// <param name="byHand">An operator had it attached: it may take the place of one that he had detached.</param>
    public async Task NoteAttachedAsync(
        VirtualMachine vm, long deviceId, long session, long sequence, bool byHand, CancellationToken cancellationToken)
    {
        var device = await database.Set<PciDevice>().AsNoTracking().SingleAsync(row => row.Id == deviceId, cancellationToken);
        // The last report may have been made before: the next one counts, though it should be like that.
        await database.Database.ExecuteSqlAsync(
            $"UPDATE op_host_capacity SET report_hash = NULL, update_count = update_count + 1 WHERE host_id = {device.HostId}", cancellationToken);
        await database.Set<PciDevice>()
            .Where(row => row.Id == deviceId && row.InstanceId == vm.Id && row.Claim == device.Claim
                && (row.SeenSession < session || (row.SeenSession == session && row.SeenSequence < sequence)))
            .ExecuteUpdateAsync(
                set => set.SetProperty(row => row.SeenIn, vm.Uuid)
                    .SetProperty(row => row.SeenSession, session)
                    .SetProperty(row => row.SeenSequence, sequence),
                cancellationToken);
        if (byHand) await CountDetachedAsync(vm, device.HostId, device, 0, cancellationToken);
        degradation.CountSuccess(vm);
        await degradation.JudgeAsync(vm, cancellationToken);
    }

    /// <summary>
    /// The devices of a host that stand in a virtual machine's way: its own do not, but for functions of which one takes the other
    /// with it.
    /// </summary>
    public static IReadOnlyList<PciDevice> InTheWayOf(long vmId, IReadOnlyList<PciDevice> all)
    {
        var parents = all.Select(device => device.PhysicalFunction).OfType<string>().ToHashSet();
        return [.. all.Where(device => device.InstanceId != vmId || device.PhysicalFunction is not null || parents.Contains(device.AddressText))];
    }

    private static (PciDevice? Picked, string? WhyNot) Pick(
        List<PciDevice> all, long vmId, string? name, long? deviceId, IReadOnlyCollection<long> tried)
    {
        var others = InTheWayOf(vmId, all);
        if (deviceId is { } id)
        {
            var asked = all.Single(device => device.Id == id);
            return new PciDeviceAccounter(others).WhyNot(asked) is { } why ? (null, $"{asked.Address} ({asked.Name}) is {why}") : (asked, null);
        }

        var request = PciDeviceNames.Of([name!]);
        var untried = others.Where(device => device.InstanceId is not null || !tried.Contains(device.Id)).ToList();
        if (new PciDeviceAccounter(untried).Pick(request) is { } picked) return (picked.Single(), null);
        return (null, new PciDeviceAccounter(all).Shortage(request) ?? (tried.Count > 0
            ? $"every free {name} has been tried"
            : $"no free {name} can be given out beside those in use"));
    }

    /// <summary>What of its offering the operator wants it to be without: never more than it is without.</summary>
    private async Task CountDetachedAsync(VirtualMachine vm, long hostId, PciDevice device, int more, CancellationToken cancellationToken)
    {
        var name = device.ClaimedName ?? device.Name;
        var offering = await database.RowAsync<ServiceOffering>(vm.ServiceOfferingId, cancellationToken);
        var has = await database.Set<PciDevice>()
            .CountAsync(row => row.InstanceId == vm.Id && row.HostId == hostId && row.ClaimedName == name, cancellationToken);
        var lacks = Math.Max(0, PciDeviceNames.ParseList(offering.PciDevices).Count(name) - has);
        var detached = PciDeviceNames.Parse(vm.DetachedPciDevices);
        vm.DetachedPciDevices = detached.With(name, Math.Min(lacks, detached.Count(name) + more)).ToString();
        vm.UpdateCount++;
    }

    private static async Task<bool> StandInLineAsync(IQueryable<HostCapacity> line, CancellationToken cancellationToken) =>
        await line.ExecuteUpdateAsync(
            set => set.SetProperty(capacity => capacity.UpdateCount, capacity => capacity.UpdateCount + 1), cancellationToken) == 1;

    private IQueryable<HostCapacity> LineOf(long hostId) => database.Set<HostCapacity>().Where(capacity => capacity.HostId == hostId);

    private async Task<string> ElsewhereAsync(VirtualMachine vm, long hostId, PciDevice device, CancellationToken cancellationToken) =>
        $"{device.Address} ({device.Name}) is on {(await database.RowAsync<Host>(device.HostId, cancellationToken)).Name}, "
        + $"and {vm.Name} runs on {(await database.RowAsync<Host>(hostId, cancellationToken)).Name}";
}
