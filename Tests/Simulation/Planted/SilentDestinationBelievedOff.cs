using PciBus.Management.Workflows;
using PciBus.Management.Workflows.MigrateVirtualMachine;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A destination that does not say what it has is taken for one that has nothing: the migration counts as failed.</summary>
internal sealed class SilentDestinationBelievedOff() : WorkflowBug(() => new MigrateVirtualMachineWorkflow())
{
    protected override WorkflowEvent Change(string step, WorkflowFacts facts, WorkflowEvent @event) =>
        @event is Overdue && step == nameof(MigrateStep.AskingDestination) ? ChangedDefinition.Off(facts) : @event;
}
