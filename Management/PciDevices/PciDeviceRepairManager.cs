using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.PciDevices;

/// <summary>Looks which virtual machines that lack devices can be given one now.</summary>
internal sealed class PciDeviceRepairManager(PciBusDbContext database, TimeProvider time)
{
    private const int PageSize = 100;

    /// <summary>How soon a virtual machine is looked at again when nothing could be done for it.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Of the virtual machines whose turn it is, those that can be given a device: a healthy device that they own and that is not in their
    /// domain, or a free device of a name that they lack. The others have their turn again a little later.
    /// </summary>
    public async Task<IReadOnlyList<PciDeviceRepair>> FindAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var due = await database.Set<VirtualMachine>().AsNoTracking()
            .Where(vm => vm.RepairAt <= now && vm.WorkflowId == null)
            .OrderBy(vm => vm.RepairAt)
            .Take(PageSize)
            .Join(
                database.Set<ServiceOffering>(),
                vm => vm.ServiceOfferingId,
                offering => offering.Id,
                (vm, offering) => new { vm, offering.PciDevices })
            .ToListAsync(cancellationToken);
        if (due.Count == 0) return [];
        var hostIds = due.Select(one => one.vm.HostId).OfType<long>().Distinct().ToList();
        var hosts = await database.Set<HostCapacity>()
            .Where(capacity => hostIds.Contains(capacity.HostId))
            .Join(
                database.Set<Host>(),
                capacity => capacity.HostId,
                host => host.Id,
                (capacity, host) => new { host.Id, host.Status, capacity.CapacityState })
            .ToListAsync(cancellationToken);
        var devices = (
            await database.Set<PciDevice>().AsNoTracking().Where(device => hostIds.Contains(device.HostId)).ToListAsync(cancellationToken))
            .ToLookup(device => device.HostId);
        var repairs = new List<PciDeviceRepair>();
        foreach (var one in due)
        {
            if (hosts.Find(host => host.Id == one.vm.HostId) is not { Status: HostStatus.Up } host) continue;
            var all = devices[host.Id].ToList();
            var owned = all.Where(device => device.InstanceId == one.vm.Id).ToList();
            var shortage = PciDeviceShortage.Of(PciDeviceShortage.WantedBy(one.vm, one.PciDevices), owned, one.vm.Uuid);
            if (Choose(one.vm, shortage, all, host.CapacityState == CapacityState.Enabled) is { } repair) repairs.Add(repair);
        }

        var idle = due.Select(one => one.vm.Id).Except(repairs.Select(repair => repair.VmId)).ToList();
        var later = now + LookAgain;
        await database.Set<VirtualMachine>()
            .Where(vm => idle.Contains(vm.Id) && vm.RepairAt <= now && vm.WorkflowId == null)
            .ExecuteUpdateAsync(
                set => set.SetProperty(vm => vm.RepairAt, later).SetProperty(vm => vm.UpdateCount, vm => vm.UpdateCount + 1),
                cancellationToken);
        return repairs;
    }

    private static PciDeviceRepair? Choose(VirtualMachine vm, PciDeviceShortage shortage, List<PciDevice> all, bool givesOut)
    {
        if (shortage.NotInDomain.FirstOrDefault(device => device is { Health: PciDeviceHealth.Good, Present: true }) is { } lost)
        {
            return new PciDeviceRepair(vm.Id, vm.Name, lost.ClaimedName ?? lost.Name, lost.Id);
        }

        if (!givesOut) return null;
        var accounter = new PciDeviceAccounter(PciDeviceHotplugManager.InTheWayOf(vm.Id, all));
        foreach (var name in shortage.Missing.Counts.Keys)
        {
            if (accounter.Pick(PciDeviceNames.Of([name])) is not { } picked) continue;
            // The device is spoken for: the next virtual machine that lacks such a device looks for another.
            picked[0].InstanceId = vm.Id;
            return new PciDeviceRepair(vm.Id, vm.Name, name, null);
        }

        return null;
    }
}

/// <summary>A device that a virtual machine lacks and can be given.</summary>
/// <param name="Name">The name that it lacks.</param>
/// <param name="DeviceId">The device, when the virtual machine owns it but the domain lacks it; null for any free one of the name.</param>
internal sealed record PciDeviceRepair(long VmId, string VmName, string Name, long? DeviceId);
