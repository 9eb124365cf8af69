using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StartVirtualMachine;

namespace PciBus.Management.Api.VirtualMachines;

[ApiCommand(
    "startVirtualMachine", "Starts a virtual machine", Response = typeof(
        VirtualMachineResponse), IsAsync = true, Roles = ApiRoles.Everybody)]
internal sealed class StartVirtualMachineCmd(PciBusDbContext database, WorkflowRunner runner) : VirtualMachineCommand(database, runner)
{
    [ApiParameter("hostid", "the one host on which it may be started; any unless given", Entity = typeof(Host))]
    public long? HostId { get; set; }

    [ApiParameter("clusterid", "the one cluster in which it may be started; any unless given", Entity = typeof(Cluster))]
    public long? ClusterId { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var vm = await LoadAsync(cancellationToken);
        RefuseUnless(vm, "started", VirtualMachineState.Stopped);
        await HostChoice.ValidateAsync(Database, HostId, ClusterId, vm.DataCenterId, cancellationToken);
        return await BeginAsync(
            WorkflowKind.StartVirtualMachine, new StartDocument { HostId = HostId, ClusterId = ClusterId },
            EventTypes.VmStart, $"starting VM {vm.Name}", urgent: false, cancellationToken);
    }
}
