using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.MigrateVirtualMachine;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A destination that cannot say what it has is taken for one that has nothing.</summary>
internal sealed class UnknownDestinationBelievedOff() : WorkflowBug(() => new MigrateVirtualMachineWorkflow())
{
    protected override WorkflowEvent Change(string step, WorkflowFacts facts, WorkflowEvent @event) =>
        step == nameof(MigrateStep.AskingDestination) && @event is Answered { Observed: not (Observation.Off or Observation.Running) }
            ? ChangedDefinition.Off(facts)
            : @event;
}
