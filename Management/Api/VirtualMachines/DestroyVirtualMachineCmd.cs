using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StopVirtualMachine;

namespace PciBus.Management.Api.VirtualMachines;

[ApiCommand(
    "destroyVirtualMachine", "Destroys a virtual machine; what is under way for it gives up", Response = typeof(VirtualMachineResponse),
    IsAsync = true, Roles = ApiRoles.Everybody)]
internal sealed class DestroyVirtualMachineCmd(PciBusDbContext database, WorkflowRunner runner) : VirtualMachineCommand(database, runner)
{
    [ApiParameter("expunge", "expunge it as well: it is not listed any more")]
    public bool Expunge { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var vm = await LoadAsync(cancellationToken);
        if (Expunge)
        {
            RefuseUnless(
                vm, "destroyed", VirtualMachineState.Running, VirtualMachineState.Stopped, VirtualMachineState.Destroyed,
                VirtualMachineState.Error);
        }
        else
        {
            RefuseUnless(vm, "destroyed", VirtualMachineState.Running, VirtualMachineState.Stopped);
        }

        return await BeginAsync(
            WorkflowKind.DestroyVirtualMachine, new StopDocument { Destroy = true, Expunge = Expunge },
            EventTypes.VmDestroy, $"destroying VM {vm.Name}", urgent: true, cancellationToken);
    }
}
