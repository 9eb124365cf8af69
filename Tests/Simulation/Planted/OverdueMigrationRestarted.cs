using PciBus.Management.Workflows;
using PciBus.Management.Workflows.MigrateVirtualMachine;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A source that does not say how its migration ended is given up: the virtual machine is started elsewhere.</summary>
internal sealed class OverdueMigrationRestarted() : WorkflowBug(() => new MigrateVirtualMachineWorkflow())
{
    protected override WorkflowEvent Change(string step, WorkflowFacts facts, WorkflowEvent @event) =>
        @event is Overdue && step == nameof(MigrateStep.Migrating) ? new HostDown(facts.AwaitingHostId!.Value) : @event;
}
