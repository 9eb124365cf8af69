using PciBus.Management.Workflows;
using PciBus.Management.Workflows.MigrateVirtualMachine;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A destination that does not answer in time is taken for one that was never asked: what is claimed there is given back.</summary>
internal sealed class DestinationFreedOnSilence() : WorkflowBug(() => new MigrateVirtualMachineWorkflow())
{
    protected override WorkflowEvent Change(string step, WorkflowFacts facts, WorkflowEvent @event) =>
        step == nameof(MigrateStep.Preparing) && @event is Overdue && facts.AwaitingHostId is { } hostId ? new Undelivered(hostId) : @event;
}
