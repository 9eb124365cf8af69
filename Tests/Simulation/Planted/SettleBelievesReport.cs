using PciBus.Management.Workflows;
using PciBus.Management.Workflows.Settle;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A settle that hears of its host again takes that for the answer: the report did not name the VM, so it is off.</summary>
internal sealed class SettleBelievesReport() : WorkflowBug(() => new SettleWorkflow())
{
    protected override WorkflowEvent Change(string step, WorkflowFacts facts, WorkflowEvent @event) =>
        @event is AgentSession or Observed or Overdue && step == nameof(SettleStep.Asking) ? ChangedDefinition.Off(facts) : @event;
}
