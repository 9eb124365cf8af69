using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.PciDevices;

/// <summary>Knows what virtual machines have on a host, and removes what ends with a host.</summary>
internal sealed class HostRemovalManager(
    PciBusDbContext database, SightingManager sightings, PlacementClassManager classes, TimeProvider time) : IHostRemoval
{
    private const int NamedUsers = 10;

    private static readonly CompiledQuery<long, bool> IsUsed = new((database, hostId, _) =>
        database.Set<HostCapacity>()
            .Any(host => host.HostId == hostId
                && (database.Set<VirtualMachine>().Any(vm => vm.HostId == hostId)
                    || database.Set<HostCapacityOfVm>().Any(taken => taken.HostId == hostId)
                    || database.Set<PciDevice>().Any(device => device.HostId == hostId && device.InstanceId != null))));

    public Task<bool> IsUsedAsync(long hostId, CancellationToken cancellationToken) =>
        IsUsed.ReadAsync(database, hostId, cancellationToken);

    public async Task<IReadOnlyList<string>> UsersAsync(long hostId, bool isGivenUp, CancellationToken cancellationToken)
    {
        var users = database.Set<VirtualMachine>().Where(vm => vm.HostId == hostId).Select(vm => vm.Id)
            .Union(database.Set<HostCapacityOfVm>().Where(taken => taken.HostId == hostId).Select(taken => taken.VmId))
            .Union(database.Set<PciDevice>().Where(device => device.HostId == hostId && device.InstanceId != null)
                .Select(device => device.InstanceId!.Value));
        return await database.Set<VirtualMachine>()
            .Where(vm => users.Contains(vm.Id) && (!isGivenUp || vm.HostId == hostId || vm.WorkflowId != null))
            .OrderBy(vm => vm.Id).Select(vm => vm.Name).Take(NamedUsers).ToListAsync(cancellationToken);
    }

    public Task DeclaredDownAsync(Host host, CancellationToken cancellationToken) => sightings.EndAllAsync(host, cancellationToken);

    public async Task RemovedAsync(Host host, CancellationToken cancellationToken)
    {
        var devices = await database.Set<PciDevice>().Where(device => device.HostId == host.Id).ToListAsync(cancellationToken);
        foreach (var device in devices)
        {
            if (device.InstanceId is { } owner)
            {
                database.Add(device.HistoryOf(PciDeviceChange.Released, owner, "its host was deleted", null, time.GetUtcNow()));
            }
            database.Add(device.HistoryOf(PciDeviceChange.Removed, null, "its host was deleted", null, time.GetUtcNow()));
        }

        database.RemoveRange(devices);
        await database.SaveChangesAsync(cancellationToken);
        await classes.RefreshAsync(host.Id, cancellationToken);
        await sightings.EndAllAsync(host, cancellationToken);
    }
}
