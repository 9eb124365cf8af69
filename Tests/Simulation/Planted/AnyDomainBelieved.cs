using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StartVirtualMachine;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A start takes any domain that runs where it was sent for its own.</summary>
internal sealed class AnyDomainBelieved() : WorkflowBug(() => new StartVirtualMachineWorkflow())
{
    protected override WorkflowEvent Change(string step, WorkflowFacts facts, WorkflowEvent @event) =>
        @event is Answered { Observed: Observation.Running } answer ? answer with { HasOwnDevices = true } : @event;
}
