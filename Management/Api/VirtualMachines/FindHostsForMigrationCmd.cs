using Microsoft.EntityFrameworkCore;
using PciBus.Management.Api.Hosts;
using PciBus.Management.Deployment;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;

namespace PciBus.Management.Api.VirtualMachines;

[ApiCommand(
    "findHostsForMigration",
    "Lists the other hosts of a running virtual machine's cluster, or of its zone with migrate.vm.across.clusters: whether it could be "
        + "migrated there, and why not",
    Response = typeof(HostResponse))]
internal sealed class FindHostsForMigrationCmd(
    PciBusDbContext database, PciDeviceManager devices, PlacementExplanationManager explanation, WorkflowOptions options) : ApiListCommand
{
    [ApiParameter("virtualmachineid", "the virtual machine", Required = true, Entity = typeof(VirtualMachine))]
    public long VirtualMachineId { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var vm = await database.Set<VirtualMachine>().AsNoTracking().SingleAsync(row => row.Id == VirtualMachineId, cancellationToken);
        if (vm.State != VirtualMachineState.Running)
        {
            throw ApiException.InvalidParameter($"{vm.Name} is {vm.State}, it can be migrated only when it is Running");
        }

        var offering = await database.Set<ServiceOffering>().AsNoTracking().SingleAsync(
            row => row.Id == vm.ServiceOfferingId, cancellationToken);
        var hosts = database.Set<Host>().AsNoTracking().Where(host => host.Removed == null && host.Id != vm.HostId);
        if (options.MigrateAcrossClusters)
        {
            hosts = hosts.Where(host => host.DataCenterId == vm.DataCenterId);
        }
        else
        {
            var source = await database.Set<Host>().AsNoTracking().SingleAsync(host => host.Id == vm.HostId, cancellationToken);
            hosts = hosts.Where(host => host.ClusterId == source.ClusterId);
        }

        if (Word is { } word) hosts = hosts.Where(host => host.Name.Folded().Contains(word.Folded()));
        return await ListAsync(
            hosts.OrderBy(host => host.Name).ThenBy(host => host.Id), page =>
                DescribeAsync(page, vm, offering, cancellationToken), cancellationToken);
    }

    private async Task<List<HostResponse>> DescribeAsync(
        IQueryable<Host> page, VirtualMachine vm, ServiceOffering offering, CancellationToken cancellationToken)
    {
        var responses = await HostQueries.Describe(database, page).ToListAsync(cancellationToken);
        var needed = await devices.NeededAsync(vm, cancellationToken);
        var forbidden = MigrationPolicy.WhyNot(vm, offering, needed);
        var reasons = await explanation.WhyNotAsync(
            [.. responses.Select(response => response.Id)], DeploymentPlan.Of(vm, offering, needed, hostId: null), cancellationToken);
        foreach (var response in responses)
        {
            var (whyNot, hasCapacity) = reasons[response.Id];
            response.RequiresStorageMotion = false;
            response.HasEnoughCapacity = hasCapacity;
            response.UnsuitableBecause = forbidden ?? whyNot;
            response.SuitableForMigration = response.UnsuitableBecause is null;
        }

        return responses;
    }
}
