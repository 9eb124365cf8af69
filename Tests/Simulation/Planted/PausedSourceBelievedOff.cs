using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.MigrateVirtualMachine;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A domain that stands still on the source is taken for none: it may go on there at any moment.</summary>
internal sealed class PausedSourceBelievedOff() : WorkflowBug(() => new MigrateVirtualMachineWorkflow())
{
    protected override WorkflowEvent Change(string step, WorkflowFacts facts, WorkflowEvent @event) =>
        step is nameof(MigrateStep.Migrating) or nameof(MigrateStep.AskingSource) && @event is Answered { Status: DomainStatus.Paused } answer
            ? answer with { Result = true, Observed = Observation.Off, Status = null, PciDevices = [] }
            : @event;
}
