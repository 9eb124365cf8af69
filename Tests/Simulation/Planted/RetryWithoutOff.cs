using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StartVirtualMachine;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A start whose host does not answer in time is tried on another host at once.</summary>
internal sealed class RetryWithoutOff() : WorkflowBug(() => new StartVirtualMachineWorkflow())
{
    protected override WorkflowEvent Change(string step, WorkflowFacts facts, WorkflowEvent @event) =>
        @event is Overdue && step == nameof(StartStep.Starting) ? new HostDown(facts.AwaitingHostId!.Value) : @event;
}
