using Microsoft.EntityFrameworkCore;
using PciBus.Management.Drain;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.Maintenance;

[ApiCommand(
    "planHostMaintenance",
    "Says of each virtual machine on a host what became of it if the host was emptied now; it changes nothing. While a host is being emptied: what becomes of those that are there yet",
    Response = typeof(MaintenancePlanResponse))]
internal sealed class PlanHostMaintenanceCmd(PciBusDbContext database, DrainPlanManager plans) : ApiCommand
{
    [ApiParameter("id", "the host", Required = true, Entity = typeof(Host))]
    public long Id { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var host = await database.Set<Host>().AsNoTracking().SingleAsync(row => row.Id == Id, cancellationToken);
        if (host.Removed is not null) throw ApiException.InvalidParameter($"The host {host.Name} was deleted");
        var maintenance = await database.Set<HostMaintenance>().AsNoTracking().SingleOrDefaultAsync(row => row.HostId == Id, cancellationToken);
        var rows = await database.Set<HostMaintenanceVm>().AsNoTracking().Where(row => row.HostId == Id).ToDictionaryAsync(row => row.VmId, cancellationToken);
        var vms = await plans.LookAsync(host, cancellationToken);
        var plan = maintenance is null
            ? await plans.PlanAsync(host, vms, cancellationToken)
            : await plans.PlanOnAsync(host, maintenance.Strategy, vms, rows, cancellationToken);
        var planned = plan.Moves.Select(move => move.Vm.Id).ToHashSet();
        var others = vms.Where(vm => !planned.Contains(vm.Moving.Id)).Select(vm => NotMoved(vm, rows[vm.Moving.Id]));
        plan = plan with { Moves = [.. plan.Moves, .. others] };
        return ApiAnswer.Of(new MaintenancePlanResponse
        {
            HostId = host.Uuid,
            HostName = host.Name,
            ResourceState = host.ResourceState,
            PciStrategy = maintenance?.Strategy,
            IsMaximum = plan.IsMaximum,
            VirtualMachines = await DescribeAsync(plan, vms.ToDictionary(vm => vm.Moving.Id, vm => vm.Uuid), rows, cancellationToken),
        });
    }

    private async Task<IReadOnlyList<PlannedMoveResponse>> DescribeAsync(
        DrainPlan plan, Dictionary<long, Guid> uuids, Dictionary<long, HostMaintenanceVm> rows, CancellationToken cancellationToken)
    {
        var awaited = plan.Moves.SelectMany(move => move.WaitsFor).Select(one => one.VmId).Except(uuids.Keys).ToList();
        foreach (var vm in await database.Set<VirtualMachine>().Where(vm => awaited.Contains(vm.Id)).Select(vm => new { vm.Id, vm.Uuid }).ToListAsync(cancellationToken))
        {
            uuids[vm.Id] = vm.Uuid;
        }

        var targets = plan.Moves.Select(move => move.Target?.Id).OfType<long>().Distinct().ToList();
        var hosts = await database.Set<Host>().Where(host => targets.Contains(host.Id)).ToDictionaryAsync(host => host.Id, host => host.Uuid, cancellationToken);
        return [.. plan.Moves.Select(move =>
        {
            var row = rows.GetValueOrDefault(move.Vm.Id);
            return new PlannedMoveResponse
            {
                Id = uuids[move.Vm.Id],
                Name = move.Vm.Name,
                Outcome = move.Outcome,
                DestinationHostId = move.Target is { } target ? hosts[target.Id] : null,
                DestinationHostName = move.Target?.Name,
                Absence = (int?)move.Absence?.TotalSeconds,
                WaitsFor = [.. move.WaitsFor.Select(one => new AwaitedVmResponse { Id = uuids[one.VmId], Name = one.Name })],
                Reasons = move.Reasons,
                Step = row is null ? null : StepOf(row),
                Attempts = row?.Attempts,
                Why = row?.Why,
            };
        })];
    }

    /// <summary>It is to be stopped, or given up.</summary>
    private static PlannedMove NotMoved(DrainedVm vm, HostMaintenanceVm row) =>
        new(vm.Moving, vm.Moving.IsLeaving ? MoveOutcome.Leaves : MoveOutcome.Cannot) { Reasons = row.Why is null ? [] : [row.Why] };

    private static string StepOf(HostMaintenanceVm row) => row switch
    {
        { Begun: not null, Stops: false } => "Migrating",
        { Begun: not null } => "Stopping",
        { NotBefore: not null } => "Failed",
        { Stops: true } => "ToBeStopped",
        _ => "Planned",
    };
}
