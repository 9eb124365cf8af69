using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Drain;

/// <summary>Looks at a host and at those around it, in a handful of bounded queries, and has it planned how the host is emptied.</summary>
internal sealed class DrainPlanManager(PciBusDbContext database, DrainOptions options)
{
    /// <summary>More are looked at when these have left.</summary>
    private const int MostVms = 1000;
    private const int MostTargets = 200;
    private const int MostOccupants = 2000;

    /// <summary>All that have something on a host.</summary>
    public async Task<IReadOnlyList<DrainedVm>> LookAsync(Host host, CancellationToken cancellationToken)
    {
        var owned = (await database.Set<PciDevice>().AsNoTracking()
            .Where(device => device.HostId == host.Id && device.InstanceId != null)
            .Select(device => new { VmId = device.InstanceId!.Value, Name = device.ClaimedName ?? device.Name })
            .ToListAsync(cancellationToken)).ToLookup(device => device.VmId, device => device.Name);
        var ids = database.Set<VirtualMachine>().Where(vm => vm.HostId == host.Id).Select(vm => vm.Id)
            .Union(database.Set<HostCapacityOfVm>().Where(taken => taken.HostId == host.Id).Select(taken => taken.VmId))
            .Union(database.Set<PciDevice>().Where(device => device.HostId == host.Id && device.InstanceId != null).Select(device => device.InstanceId!.Value));
        var rows = await database.Set<VirtualMachine>().AsNoTracking()
            .Where(vm => ids.Contains(vm.Id))
            .Join(database.Set<ServiceOffering>(), vm => vm.ServiceOfferingId, offering => offering.Id, (vm, offering) => new { Vm = vm, Offering = offering })
            .OrderBy(row => row.Vm.Id)
            .Take(MostVms)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row =>
        {
            var isHere = row.Vm.HostId == host.Id;
            return new DrainedVm(row.Vm.Uuid, row.Vm.State, isHere, row.Vm.WorkflowId is not null, Moving(row.Vm, row.Offering, [.. owned[row.Vm.Id]], isHere, host));
        })];
    }

    /// <summary>Plans anew for all of them.</summary>
    public Task<DrainPlan> PlanAsync(Host host, IReadOnlyList<DrainedVm> vms, CancellationToken cancellationToken) =>
        PlanAsync(host, vms, new Dictionary<long, long>(), cancellationToken);

    /// <summary>
    /// Plans on for a host that is being emptied: those who have a place keep it, unless there is a plan for all in which more are
    /// moved. Whoever is to be stopped, or is given up, is not in it.
    /// </summary>
    /// <param name="rows">By virtual machine; one that has none has come since.</param>
    public async Task<DrainPlan> PlanOnAsync(
        Host host, PciStrategy strategy, IReadOnlyList<DrainedVm> vms, IReadOnlyDictionary<long, HostMaintenanceVm> rows, CancellationToken cancellationToken)
    {
        List<DrainedVm> moving =
        [
            .. vms.Where(vm => rows.GetValueOrDefault(vm.Moving.Id) is not { } row || !(row.Stops || row.IsGivenUp(strategy, options.Attempts))),
        ];
        var placed = moving.Select(vm => rows.GetValueOrDefault(vm.Moving.Id)).OfType<HostMaintenanceVm>().Where(row => row.TargetHostId is not null).ToList();
        var plan = await PlanAsync(host, moving, placed.ToDictionary(row => row.VmId, row => row.TargetHostId!.Value), cancellationToken);
        if (plan.Staying.Count == 0 || placed.Count == 0) return plan;
        var begun = placed.Where(row => row.Begun is not null).ToDictionary(row => row.VmId, row => row.TargetHostId!.Value);
        var anew = await PlanAsync(host, moving, begun, cancellationToken);
        return anew.Staying.Count < plan.Staying.Count ? anew : plan;
    }

    /// <summary>Plans for those that have no place yet; the others keep theirs.</summary>
    /// <param name="kept">Who has one, and on which host; it is lost when there is no room any more.</param>
    public async Task<DrainPlan> PlanAsync(
        Host host, IReadOnlyList<DrainedVm> vms, IReadOnlyDictionary<long, long> kept, CancellationToken cancellationToken)
    {
        var names = vms.SelectMany(vm => vm.Moving.PciDevices.Counts.Keys).Distinct().ToList();
        var targets = (await TargetsAsync(host, names, cancellationToken)).ToDictionary(target => target.Id);
        var places = new List<PlannedMove>();
        foreach (var vm in vms)
        {
            if (!kept.TryGetValue(vm.Moving.Id, out var id) || !targets.TryGetValue(id, out var target)) continue;
            if (vm.Moving is { Immovable: not null } or { IsLeaving: true } || !target.Fits(vm.Moving)) continue;
            places.Add(DrainPlanner.Move(vm.Moving, target, options.Estimates));
            targets[id] = target.Less(vm.Moving);
        }

        var placed = places.Select(move => move.Vm.Id).ToHashSet();
        var plan = DrainPlanner.Plan(
            [.. vms.Select(vm => vm.Moving).Where(vm => !placed.Contains(vm.Id))],
            // First those that have the least to give away.
            [.. targets.Values.OrderBy(target => target.Free.Total).ThenBy(target => target.Id)],
            options.Estimates);
        return plan with { Moves = [.. places.Concat(plan.Moves).OrderBy(move => move.Outcome).ThenBy(move => move.Vm.Id)], IsMaximum = plan.IsMaximum && places.Count == 0 };
    }

    private static MovingVm Moving(VirtualMachine vm, ServiceOffering offering, IReadOnlyList<string> owned, bool isHere, Host host)
    {
        // One that was attached by hand goes with it.
        var devices = PciDeviceNames.ParseList(offering.PciDevices).Or(PciDeviceNames.Of(owned));
        return new MovingVm(vm.Id, vm.Name, devices, HostCapacityManager.CpuOf(offering), HostCapacityManager.RamOf(offering), offering.HostTags)
        {
            IsLeaving = !isHere || vm.State is VirtualMachineState.Stopping,
            Immovable = host.Status != HostStatus.Up ? $"{host.Name} is {host.Status}, only a host that is Up can let it go"
                : !devices.IsEmpty && offering.PciMigration == PciMigration.Forbid ? "its offering forbids to migrate it with PCI devices (pcimigration=Forbid)"
                : null,
        };
    }

    private async Task<IReadOnlyList<MoveTarget>> TargetsAsync(Host host, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var candidates = options.AcrossClusters
            ? database.Set<HostCapacity>().Where(capacity => capacity.DataCenterId == host.DataCenterId)
            : database.Set<HostCapacity>().Where(capacity => capacity.ClusterId == host.ClusterId);
        var rows = await candidates.AsNoTracking()
            .Where(capacity => capacity.CapacityState == CapacityState.Enabled && capacity.HostId != host.Id)
            // In the order of their index: of more hosts than are looked at, nobody has to see all.
            .OrderByDescending(capacity => capacity.PlacementClass).ThenByDescending(capacity => capacity.CpuFree).ThenByDescending(capacity => capacity.RamFree)
            .Take(MostTargets)
            .Join(database.Set<PlacementClass>(), capacity => capacity.PlacementClass, one => one.Digest, (capacity, one) => new { Capacity = capacity, Class = one })
            .Join(
                database.Set<Host>(), row => row.Capacity.HostId, other => other.Id,
                (row, other) => new { other.Id, other.Name, row.Class.PciDevices, row.Class.HostTags, row.Capacity.CpuFree, row.Capacity.RamFree })
            .ToListAsync(cancellationToken);
        var occupants = await OccupantsAsync([.. rows.Select(row => row.Id)], names, cancellationToken);
        return [.. rows.Select(row => new MoveTarget(row.Id, row.Name, PciDeviceNames.Parse(row.PciDevices), row.CpuFree, row.RamFree, row.HostTags)
        {
            Occupants = [.. occupants[row.Id]],
        })];
    }

    /// <summary>Those who have devices of these names on the hosts, or are leaving them, by host.</summary>
    private async Task<ILookup<long, Occupant>> OccupantsAsync(IReadOnlyList<long> hostIds, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var devices = await database.Set<PciDevice>().AsNoTracking()
            .Where(device => hostIds.Contains(device.HostId) && device.InstanceId != null && names.Contains(device.Name)
                && device.Configured && device.Present && device.Enabled && device.Health == PciDeviceHealth.Good)
            .OrderBy(device => device.Id)
            .Take(MostOccupants)
            .Join(
                database.Set<VirtualMachine>(), device => device.InstanceId!.Value, vm => vm.Id,
                (device, vm) => new { device.HostId, VmId = vm.Id, device.Name })
            .ToListAsync(cancellationToken);
        var holders = devices.Select(device => device.VmId).Distinct().ToList();
        var vms = await database.Set<HostCapacityOfVm>().AsNoTracking()
            .Where(taken => hostIds.Contains(taken.HostId))
            .Join(
                database.Set<VirtualMachine>(), taken => taken.VmId, vm => vm.Id,
                (taken, vm) => new { taken.HostId, VmId = vm.Id, vm.Name, taken.Cpu, taken.Ram, IsLeaving = vm.HostId != taken.HostId || vm.HostId == null || vm.State == VirtualMachineState.Stopping })
            .Where(row => row.IsLeaving || holders.Contains(row.VmId))
            .OrderBy(row => row.VmId)
            .Take(MostOccupants)
            .ToListAsync(cancellationToken);
        var held = devices.ToLookup(device => (device.HostId, device.VmId), device => device.Name);
        return vms.ToLookup(
            vm => vm.HostId, vm => new Occupant(vm.VmId, vm.Name, PciDeviceNames.Of(held[(vm.HostId, vm.VmId)]), vm.Cpu, vm.Ram, vm.IsLeaving));
    }
}
