using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.RebootVirtualMachine;

namespace PciBus.Management.Api.VirtualMachines;

[ApiCommand(
    "rebootVirtualMachine", "Reboots a virtual machine; its host and its devices stay", Response = typeof(VirtualMachineResponse),
    IsAsync = true, Roles = ApiRoles.Everybody)]
internal sealed class RebootVirtualMachineCmd(PciBusDbContext database, WorkflowRunner runner) : VirtualMachineCommand(database, runner)
{
    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var vm = await LoadAsync(cancellationToken);
        RefuseUnless(vm, "rebooted", VirtualMachineState.Running);
        return await BeginAsync(
            WorkflowKind.RebootVirtualMachine, new RebootDocument(),
            EventTypes.VmReboot, $"rebooting VM {vm.Name}", urgent: false, cancellationToken);
    }
}
