using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StopVirtualMachine;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A stop whose host does not answer in time counts as done.</summary>
internal sealed class ForceMeansOff() : WorkflowBug(() => new StopVirtualMachineWorkflow())
{
    protected override WorkflowEvent Change(string step, WorkflowFacts facts, WorkflowEvent @event) =>
        @event is Overdue && step == nameof(StopStep.Stopping) ? ChangedDefinition.Off(facts) : @event;
}
