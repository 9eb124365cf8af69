using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.MigrateVirtualMachine;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A domain that is still coming to the destination is taken for the virtual machine, and that of the source for what is left of it.</summary>
internal sealed class IncomingCountedAsRunning() : WorkflowBug(() => new MigrateVirtualMachineWorkflow())
{
    protected override WorkflowEvent Change(string step, WorkflowFacts facts, WorkflowEvent @event) => (step, @event) switch
    {
        (nameof(MigrateStep.Migrating) or nameof(MigrateStep.AskingSource), Answered { Result: false, Observed: Observation.Running } answer) =>
            answer with { Status = DomainStatus.Paused },
        (nameof(MigrateStep.AskingDestination), Answered { Status: DomainStatus.Incoming or DomainStatus.Paused } answer) =>
            answer with { Observed = Observation.Running, Status = DomainStatus.Running },
        _ => @event,
    };
}
