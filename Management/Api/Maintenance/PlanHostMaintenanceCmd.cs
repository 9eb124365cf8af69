using Microsoft.EntityFrameworkCore;
using PciBus.Management.Drain;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api.Maintenance;

[ApiCommand(
    "planHostMaintenance",
    "Says of each virtual machine on a host what would become of it if the host was emptied now; it changes nothing",
    Response = typeof(MaintenancePlanResponse))]
internal sealed class PlanHostMaintenanceCmd(PciBusDbContext database, DrainPlanManager plans) : ApiCommand
{
    [ApiParameter("id", "the host", Required = true, Entity = typeof(Host))]
    public long Id { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var host = await database.Set<Host>().AsNoTracking().SingleAsync(row => row.Id == Id, cancellationToken);
        if (host.Removed is not null) throw ApiException.InvalidParameter($"The host {host.Name} was deleted");
        var plan = await plans.PlanAsync(host, cancellationToken);
        return ApiAnswer.Of(new MaintenancePlanResponse
        {
            HostId = host.Uuid,
            HostName = host.Name,
            Status = host.Status,
            ResourceState = host.ResourceState,
            Placed = plan.Placed,
            Most = plan.Most,
            VirtualMachines = [.. plan.Moves.Select(Describe)],
        });
    }

    private static PlannedMoveResponse Describe(PlannedMove move) => new()
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
    };
}
