using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.MigrateVirtualMachine;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>When the source has no domain any more, the virtual machine counts as off, whatever the destination says.</summary>
internal sealed class FailureBelievedFromAMissingDomain() : WorkflowBug(() => new MigrateVirtualMachineWorkflow())
{
    protected override WorkflowEvent Change(string step, WorkflowFacts facts, WorkflowEvent @event) =>
        step == nameof(MigrateStep.AskingDestination) && @event is Answered { Observed: Observation.Running } ? ChangedDefinition.Off(facts) : @event;
}
