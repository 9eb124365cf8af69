using Microsoft.EntityFrameworkCore;
using PciBus.Management.Deployment;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Drain;

/// <summary>Reads a host and those around it, in a handful of bounded queries, and has the emptying of the host planned.</summary>
internal sealed class DrainPlanManager(PciBusDbContext database, DrainOptions options)
{
    /// <summary>At most so many are looked at; the others are looked at when these have left.</summary>
    private const int MostVms = 1000;
    private const int MostOccupants = 5000;

    /// <summary>Plans anew for all virtual machines on a host.</summary>
    public Task<DrainPlan> PlanAsync(Host host, IReadOnlyList<MovingVm> vms, CancellationToken cancellationToken) =>
        PlanAsync(host, vms, [], cancellationToken);

    /// <summary>
    /// Plans on for a host that is being emptied. A virtual machine that has a destination keeps it, unless a plan for all moves more.
    /// Virtual machines that are to be stopped, or were given up, are not in the plan.
    /// </summary>
    /// <param name="rows">The previous plan, by virtual machine; a virtual machine that has come since has no row.</param>
    public async Task<DrainPlan> PlanOnAsync(
        Host host, PciStrategy strategy, IReadOnlyList<MovingVm> vms, IReadOnlyDictionary<long, HostMaintenanceVm> rows,
        CancellationToken cancellationToken)
    {
        List<MovingVm> moving =
        [
            .. vms.Where(vm => rows.GetValueOrDefault(vm.Id) is not { } row || !(row.Stops || row.IsGivenUp(strategy, options.Attempts))),
        ];
        List<HostMaintenanceVm> placed =
        [
            .. moving.Select(vm => rows.GetValueOrDefault(vm.Id)).OfType<HostMaintenanceVm>().Where(row => row.TargetHostId is not null),
        ];
        var plan = await PlanAsync(host, moving, placed.ToDictionary(row => row.VmId, row => row.TargetHostId!.Value), cancellationToken);
        if (placed.Count == 0 || !plan.Staying.Any()) return plan;
        var begun = placed.Where(row => row.Begun is not null).ToDictionary(row => row.VmId, row => row.TargetHostId!.Value);
        var anew = await PlanAsync(host, moving, begun, cancellationToken);
        return anew.Staying.Count() < plan.Staying.Count() ? anew : plan;
    }

    /// <param name="kept">
    /// The destination of each virtual machine that keeps its destination; the virtual machine loses it when there is no room any more.
    /// </param>
    private async Task<DrainPlan> PlanAsync(
        Host host, IReadOnlyList<MovingVm> vms, Dictionary<long, long> kept, CancellationToken cancellationToken)
    {
        var targets = await TargetsAsync(host, vms, cancellationToken);
        var rooms = targets.Take(options.MostTargets).ToDictionary(target => target.Id);
        var places = new List<PlannedMove>();
        foreach (var vm in vms.Where(vm => vm is { IsLeaving: false, Immovable: null }))
        {
            if (!kept.TryGetValue(vm.Id, out var id) || !rooms.TryGetValue(id, out var target) || !target.Fits(vm)) continue;
            places.Add(DrainPlanner.Move(vm, target, options.Estimates));
            rooms[id] = target.Less(vm);
        }

        var placed = places.Select(move => move.Vm.Id).ToHashSet();
        // Hosts that have the least to give away come first.
        var ordered = rooms.Values.OrderBy(target => target.Free.Total).ThenBy(target => target.Id);
        var plan = DrainPlanner.Plan([.. vms.Where(vm => !placed.Contains(vm.Id))], [.. ordered], options.Estimates);
        if (targets.Count > options.MostTargets) plan = Unlooked(plan);
        return new DrainPlan(
            [.. places.Concat(plan.Moves).OrderBy(move => move.Outcome).ThenBy(move => move.Vm.Id)], places.Count + plan.Most);
    }

    /// <summary>The hosts that were not looked at may have room for all virtual machines that stay.</summary>
    private DrainPlan Unlooked(DrainPlan plan) => new(
        [.. plan.Moves.Select(move => move is { Target: null, Vm: { IsLeaving: false, Immovable: null } }
            ? move with { Reasons = [.. move.Reasons, $"there are more hosts to which it may go: {options.MostTargets} were looked at"] }
            : move)],
        plan.Moves.Count(move => move.Vm is { IsLeaving: false, Immovable: null }));

    /// <summary>The virtual machines that have something on a host.</summary>
    public async Task<IReadOnlyList<MovingVm>> LookAsync(Host host, CancellationToken cancellationToken)
    {
        var owned = (await database.Set<PciDevice>().AsNoTracking()
            .Where(device => device.HostId == host.Id && device.InstanceId != null)
            .Select(device => new { VmId = device.InstanceId!.Value, Name = device.ClaimedName ?? device.Name })
            .ToListAsync(cancellationToken)).ToLookup(device => device.VmId, device => device.Name);
        var ids = database.Set<VirtualMachine>().Where(vm => vm.HostId == host.Id).Select(vm => vm.Id)
            .Union(database.Set<HostCapacityOfVm>().Where(taken => taken.HostId == host.Id).Select(taken => taken.VmId))
            .Union(database.Set<PciDevice>()
                .Where(device => device.HostId == host.Id && device.InstanceId != null)
                .Select(device => device.InstanceId!.Value));
        var rows = await database.Set<VirtualMachine>().AsNoTracking()
            .Where(vm => ids.Contains(vm.Id))
            .Join(
                database.Set<ServiceOffering>(), vm => vm.ServiceOfferingId, offering => offering.Id,
                (vm, offering) => new { Vm = vm, Offering = offering })
            .OrderBy(row => row.Vm.Id)
            .Take(MostVms)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(row => Moving(row.Vm, row.Offering, PciDeviceNames.Of(owned[row.Vm.Id]), host))];
    }

    private static MovingVm Moving(VirtualMachine vm, ServiceOffering offering, PciDeviceNames owned, Host host)
    {
        var devices = PciDeviceShortage.WantedBy(vm, offering.PciDevices).Or(owned);
        var (cpu, ram) = (offering.TotalMhz, offering.RamBytes);
        return new MovingVm(vm.Id, vm.Name, devices, cpu, ram, offering.HostTags)
        {
            Uuid = vm.Uuid,
            State = vm.State,
            IsHere = vm.HostId == host.Id,
            IsHeld = vm.WorkflowId is not null,
            IsLeaving = vm.HostId != host.Id || vm.State == VirtualMachineState.Stopping,
            Immovable = host.Status != HostStatus.Up ? $"{host.Name} is {host.Status}, only a host that is Up can let it go"
                : MigrationPolicy.WhyNot(vm, offering, devices) is null ? null
                : "its offering forbids to migrate it with PCI devices (pcimigration=Forbid)",
        };
    }

    private async Task<IReadOnlyList<MoveTarget>> TargetsAsync(Host host, IReadOnlyList<MovingVm> vms, CancellationToken cancellationToken)
    {
        var names = vms.SelectMany(vm => vm.PciDevices.Counts.Keys).Distinct().ToList();
        var candidates = options.AcrossClusters
            ? database.Set<HostCapacity>().Where(capacity => capacity.DataCenterId == host.DataCenterId)
            : database.Set<HostCapacity>().Where(capacity => capacity.ClusterId == host.ClusterId);
        var rows = await candidates.AsNoTracking()
            .Where(capacity => capacity.CapacityState == CapacityState.Enabled && capacity.HostId != host.Id)
            // When more hosts are there than are looked at: those with any of the devices free first, then those with most free RAM.
            .OrderByDescending(capacity => database.Set<PciDevice>().Any(device =>
                device.HostId == capacity.HostId && device.InstanceId == null && names.Contains(device.Name)))
            .ThenByDescending(capacity => capacity.RamFree)
            .ThenBy(capacity => capacity.HostId)
            .Take(options.MostTargets + 1)
            .Join(
                database.Set<PlacementClass>(), capacity => capacity.PlacementClass, one => one.Digest,
                (capacity, one) => new { Capacity = capacity, Class = one })
            .Join(
                database.Set<Host>(), row => row.Capacity.HostId, other => other.Id,
                (row, other) => new
                {
                    other.Id,
                    other.Uuid,
                    other.Name,
                    row.Class.PciDevices,
                    row.Class.HostTags,
                    row.Capacity.CpuFree,
                    row.Capacity.RamFree,
                })
            .ToListAsync(cancellationToken);
        var occupants = await OccupantsAsync([.. rows.Select(row => row.Id)], names, cancellationToken);
        var planned = vms.Select(vm => vm.Id).ToHashSet();
        return [.. rows.Select(row => new MoveTarget(
            row.Id, row.Name, PciDeviceNames.Parse(row.PciDevices), row.CpuFree, row.RamFree, row.HostTags)
        {
            Uuid = row.Uuid,
            // A virtual machine that is still coming from there must not be told to wait for itself.
            Occupants = [.. occupants[row.Id].Where(one => !planned.Contains(one.VmId))],
        })];
    }

    /// <summary>By host, the virtual machines that have devices of these names there, or are leaving.</summary>
    private async Task<ILookup<long, Occupant>> OccupantsAsync(
        IReadOnlyList<long> hostIds, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var devices = await database.Set<PciDevice>().AsNoTracking()
            .Where(device => hostIds.Contains(device.HostId) && device.InstanceId != null && names.Contains(device.Name)
                && device.Configured && device.Present && device.Unusable == null && device.Enabled
                && device.Health == PciDeviceHealth.Good)
            .OrderBy(device => device.Id)
            .Take(MostOccupants)
            .Select(device => new { device.HostId, VmId = device.InstanceId!.Value, device.Name })
            .ToListAsync(cancellationToken);
        var holders = devices.Select(device => device.VmId).Distinct().ToList();
        var vms = await database.Set<HostCapacityOfVm>().AsNoTracking()
            .Where(taken => hostIds.Contains(taken.HostId))
            .Join(
                database.Set<VirtualMachine>(), taken => taken.VmId, vm => vm.Id,
                (taken, vm) => new
                {
                    taken.HostId,
                    VmId = vm.Id,
                    vm.Uuid,
                    vm.Name,
                    taken.Cpu,
                    taken.Ram,
                    IsLeaving = vm.HostId != taken.HostId || vm.State == VirtualMachineState.Stopping,
                })
            .Where(row => row.IsLeaving || holders.Contains(row.VmId))
            .OrderBy(row => row.VmId)
            .Take(MostOccupants)
            .ToListAsync(cancellationToken);
        var held = devices.ToLookup(device => (device.HostId, device.VmId), device => device.Name);
        return vms.ToLookup(
            vm => vm.HostId,
            vm => new Occupant(vm.VmId, vm.Name, PciDeviceNames.Of(held[(vm.HostId, vm.VmId)]), vm.Cpu, vm.Ram, vm.IsLeaving)
            {
                Uuid = vm.Uuid,
            });
    }
}
