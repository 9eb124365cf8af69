using PciBus.Management.Workflows;
using PciBus.Management.Workflows.MigrateVirtualMachine;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A source that does not say what it has is taken for one that has nothing.</summary>
internal sealed class SilentSourceBelievedOff() : WorkflowBug(() => new MigrateVirtualMachineWorkflow())
{
    protected override WorkflowEvent Change(string step, WorkflowFacts facts, WorkflowEvent @event) =>
        step == nameof(MigrateStep.AskingSource) && @event is Overdue ? ChangedDefinition.Off(facts) : @event;
}
