namespace PciBus.Management.Workflows.StopVirtualMachine;

/// <summary>Stop: the guest is asked, or with force its domain destroyed; devices come back when the host says Off.</summary>
internal sealed class StopVirtualMachineWorkflow : StoppingWorkflow
{
    public override WorkflowKind Kind => WorkflowKind.StopVirtualMachine;

    protected override IEnumerable<WorkflowEffect> AfterStop(StopDocument document) => [];
}
