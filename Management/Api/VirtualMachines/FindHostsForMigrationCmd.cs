using Microsoft.EntityFrameworkCore;
using PciBus.Management.Api.Hosts;
using PciBus.Management.Deployment;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.VirtualMachines;

[ApiCommand(
    "findHostsForMigration", "Lists the hosts that a running virtual machine could be migrated to, and those it could not, with why", Response = typeof(HostResponse))]
internal sealed class FindHostsForMigrationCmd(PciBusDbContext database, MigrationQueries migrations, PlacementExplanation explanation) : ApiListCommand
{
    [ApiParameter("virtualmachineid", "the virtual machine", Required = true, Entity = typeof(VirtualMachine))]
    public long VirtualMachineId { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var vm = await MigratingVm.LoadAsync(database, VirtualMachineId, cancellationToken);
        MigratingVm.RefuseUnlessRunning(vm);
        var (plan, whyNot) = await migrations.PlanAsync(vm, cancellationToken);
        var hosts = database.Set<Host>().AsNoTracking().Where(host => host.Removed == null && host.Id != vm.HostId);
        hosts = plan.ClusterId is { } clusterId
            ? hosts.Where(host => host.ClusterId == clusterId)
            : hosts.Where(host => host.DataCenterId == plan.DataCenterId);
        if (Word is { } word) hosts = hosts.Where(host => host.Name.ToLower().Contains(word));
        return await ListAsync(
            hosts.OrderBy(host => host.Name).ThenBy(host => host.Id), page => DescribeAsync(page, plan, whyNot, cancellationToken), cancellationToken);
    }

    private async Task<List<HostResponse>> DescribeAsync(
        IQueryable<Host> page, DeploymentPlan plan, string? whyNot, CancellationToken cancellationToken)
    {
        var responses = await HostQueries.Describe(database, page).ToListAsync(cancellationToken);
        var reasons = await explanation.WhyNotAsync([.. responses.Select(response => response.Id)], plan, cancellationToken);
        foreach (var response in responses)
        {
            var (why, hasCapacity) = reasons[response.Id];
            response.RequiresStorageMotion = false;
            response.HasEnoughCapacity = hasCapacity;
            response.UnsuitableBecause = whyNot ?? why;
            response.SuitableForMigration = response.UnsuitableBecause is null;
        }

        return responses;
    }
}
