using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows.StopVirtualMachine;

namespace PciBus.Management.Workflows.DestroyVirtualMachine;

/// <summary>Destroy, and expunge when asked to: the domain is destroyed first, on its host's word.</summary>
internal sealed class DestroyVirtualMachineWorkflow : StoppingWorkflow
{
    public override WorkflowKind Kind => WorkflowKind.DestroyVirtualMachine;

    protected override IEnumerable<WorkflowEffect> AfterStop(StopDocument document)
    {
        yield return new Transit(VirtualMachineEvent.DestroyRequested, null, "destroyed");
        if (document.Expunge) yield return new Transit(VirtualMachineEvent.ExpungeOperation, null, "expunged");
    }
}
