using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StopVirtualMachine;

namespace PciBus.Management.Api.VirtualMachines;

[ApiCommand("expungeVirtualMachine", "Expunges a destroyed virtual machine: it is not listed any more", IsAsync = true)]
internal sealed class ExpungeVirtualMachineCmd(PciBusDbContext database, WorkflowRunner runner) : VirtualMachineCommand(database, runner)
{
    public const string Name = "expungeVirtualMachine";

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var vm = await LoadAsync(cancellationToken);
        if (vm.State != VirtualMachineState.Destroyed)
        {
            throw ApiException.InvalidParameter($"{vm.Name} is {vm.State}, it can be expunged only when it is Destroyed");
        }

        return await BeginAsync(
            WorkflowKind.DestroyVirtualMachine, new StopDocument { Expunge = true },
            EventTypes.VmExpunge, $"expunging VM {vm.Name}", urgent: false, cancellationToken);
    }
}
