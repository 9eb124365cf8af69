using Microsoft.EntityFrameworkCore;
using PciBus.Management.Deployment;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.MigrateVirtualMachine;

namespace PciBus.Management.Api.VirtualMachines;

[ApiCommand(
    "migrateVirtualMachine", "Migrates a running virtual machine to another host", Response = typeof(
        VirtualMachineResponse), IsAsync = true)]
internal sealed class MigrateVirtualMachineCmd(
    PciBusDbContext database, PciDeviceManager devices, WorkflowRunner runner, WorkflowOptions options) : ApiCommand
{
    [ApiParameter("virtualmachineid", "the virtual machine", Required = true, Entity = typeof(VirtualMachine))]
    public long VirtualMachineId { get; set; }

    [ApiParameter("hostid", "the one host that it may go to; one that fits unless given", Entity = typeof(Host))]
    public long? HostId { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var vm = await database.Set<VirtualMachine>().AsNoTracking().SingleAsync(row => row.Id == VirtualMachineId, cancellationToken);
        // While a workflow holds the virtual machine, nobody knows where it will be when the command's turn comes.
        if (vm.WorkflowId is null) await ValidateAsync(vm, cancellationToken);
        var outcome = await runner.BeginAsync(
            new WorkflowRequest(WorkflowKind.MigrateVirtualMachine, new MigrateDocument { HostId = HostId })
            {
                VmId = vm.Id,
                Job = Job(EventTypes.VmMigrate, $"migrating VM {vm.Name}"),
            },
            cancellationToken);
        return ApiAnswer.Job(outcome.JobUuid!.Value);
    }

    /// <summary>Refuses at once what certainly fails, in CloudStack's words; what the planner checks is left to the planner.</summary>
    private async Task ValidateAsync(VirtualMachine vm, CancellationToken cancellationToken)
    {
        if (vm.State != VirtualMachineState.Running)
        {
            throw ApiException.InvalidParameter($"{vm.Name} is {vm.State}, it can be migrated only when it is Running");
        }

        var offering = await database.Set<ServiceOffering>().AsNoTracking().SingleAsync(
            row => row.Id == vm.ServiceOfferingId, cancellationToken);
        if (MigrationPolicy.WhyNot(vm, offering, await devices.NeededAsync(vm, cancellationToken)) is { } why)
        {
            throw ApiException.InvalidParameter(why);
        }
        if (HostId is null) return;
        await HostChoice.ValidateAsync(database, HostId, vm.DataCenterId, cancellationToken);
        var host = await database.Set<Host>().AsNoTracking().SingleAsync(row => row.Id == HostId, cancellationToken);
        if (host.Id == vm.HostId)
        {
            throw ApiException.InvalidParameter(
                $"Cannot migrate VM, {vm.Name} is already present on this host ({host.Name}), please specify valid destination host to "
                + "migrate the VM");
        }

        if (host is not { Status: HostStatus.Up, ResourceState: ResourceState.Enabled })
        {
            throw ApiException.InvalidParameter(
                $"Cannot migrate VM, destination host {host.Name} is not in correct state, has status: {host.Status}, state: "
                + $"{host.ResourceState}");
        }

        var source = await database.Set<Host>().AsNoTracking().SingleAsync(row => row.Id == vm.HostId, cancellationToken);
        if (!options.MigrateAcrossClusters && host.ClusterId != source.ClusterId)
        {
            throw ApiException.InvalidParameter(
                $"Cannot migrate VM, destination host {host.Name} is in another cluster than {vm.Name}; migrate.vm.across.clusters=true "
                + "allows that");
        }
    }
}
