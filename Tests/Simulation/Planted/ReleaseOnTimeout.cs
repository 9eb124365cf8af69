using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StartVirtualMachine;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A start whose host does not answer in time counts as failed, and its devices as free.</summary>
internal sealed class ReleaseOnTimeout() : WorkflowBug(() => new StartVirtualMachineWorkflow())
{
    protected override WorkflowEvent Change(string step, WorkflowFacts facts, WorkflowEvent @event) =>
        @event is Overdue && step == nameof(StartStep.Starting)
            ? ChangedDefinition.Off(facts) with { NotBegun = true }
            : @event;
}
