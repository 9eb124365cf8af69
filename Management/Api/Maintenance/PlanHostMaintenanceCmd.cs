using Microsoft.EntityFrameworkCore;
using PciBus.Management.Drain;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api.Maintenance;

[ApiCommand(
    "planHostMaintenance",
    "Says of each virtual machine on a host what would become of it if the host was emptied now; it changes nothing. While the host is "
    + "being emptied: what becomes of those that are there yet",
    Response = typeof(MaintenancePlanResponse))]
internal sealed class PlanHostMaintenanceCmd(PciBusDbContext database, DrainPlanManager plans) : ApiCommand
{
    [ApiParameter("id", "the host", Required = true, Entity = typeof(Host))]
    public long Id { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var host = await database.Set<Host>().AsNoTracking().SingleAsync(row => row.Id == Id, cancellationToken);
        if (host.Removed is not null) throw ApiErrors.Of(host.Gone());
        var maintenance = await database.Set<HostMaintenance>().AsNoTracking().SingleOrDefaultAsync(
            row => row.HostId == Id, cancellationToken);
        var rows = await database.Set<HostMaintenanceVm>().AsNoTracking().Where(row => row.HostId == Id).ToDictionaryAsync(
            row => row.VmId, cancellationToken);
        var vms = await plans.LookAsync(host, cancellationToken);
        var plan = maintenance is null
            ? await plans.PlanAsync(host, vms, cancellationToken)
            : await plans.PlanOnAsync(host, maintenance.Strategy, vms, rows, cancellationToken);
        var planned = plan.Moves.Select(move => move.Vm.Id).ToHashSet();
        var others = vms.Where(vm => !planned.Contains(vm.Id)).Select(vm => NotMoved(vm));
        return ApiAnswer.Of(new MaintenancePlanResponse
        {
            HostId = host.Uuid,
            HostName = host.Name,
            Status = host.Status,
            ResourceState = host.ResourceState,
            PciStrategy = maintenance?.Strategy,
            Placed = plan.Placed,
            Most = plan.Most,
            VirtualMachines = [.. plan.Moves.Concat(others).Select(move => Describe(move, rows.GetValueOrDefault(move.Vm.Id)))],
        });
    }

    /// <summary>The virtual machine is to be stopped, or was given up.</summary>
    private static PlannedMove NotMoved(MovingVm vm) =>
        new(vm, vm.IsLeaving ? MoveOutcome.Leaves : MoveOutcome.Cannot);

    private static PlannedMoveResponse Describe(PlannedMove move, HostMaintenanceVm? row) => new()
    {
        Id = move.Vm.Uuid,
        Name = move.Vm.Name,
        State = move.Vm.State,
        Outcome = move.Outcome,
        DestinationHostId = move.Target?.Uuid,
        DestinationHostName = move.Target?.Name,
        Absence = (int?)move.Absence?.TotalSeconds,
        WaitsFor = [.. move.WaitsFor.Select(one => new AwaitedVmResponse
        {
            Id = one.Uuid,
            Name = one.Name,
            HostId = move.WaitsAt!.Uuid,
            HostName = move.WaitsAt.Name,
            IsArriving = one.IsArriving,
        })],
        Reasons = move.Reasons,
        Step = row?.Step,
        Attempts = row?.Attempts,
        // Outcome, waitsfor and reasons already tell what the plan says.
        Why = row?.Why == move.Why ? null : row?.Why,
    };
}
