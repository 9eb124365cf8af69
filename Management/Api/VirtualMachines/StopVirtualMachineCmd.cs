using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StopVirtualMachine;

namespace PciBus.Management.Api.VirtualMachines;

[ApiCommand(
    "stopVirtualMachine", "Stops a virtual machine", Response = typeof(VirtualMachineResponse), IsAsync = true, Roles = ApiRoles.Everybody)]
internal sealed class StopVirtualMachineCmd(PciBusDbContext database, WorkflowRunner runner) : VirtualMachineCommand(database, runner)
{
    [ApiParameter("forced", "destroy the domain instead of asking the guest; what is under way for it gives up")]
    public bool Forced { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var vm = await LoadAsync(cancellationToken);
        RefuseUnless(vm, "stopped", VirtualMachineState.Running, VirtualMachineState.Stopped);
        return await BeginAsync(
            WorkflowKind.StopVirtualMachine, new StopDocument { Forced = Forced },
            EventTypes.VmStop, $"stopping VM {vm.Name}", urgent: Forced, cancellationToken);
    }
}
