using PciBus.Management.Workflows;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A workflow that decides some events otherwise than the one it replaces.</summary>
internal sealed class ChangedDefinition(
    IWorkflowDefinition original, Func<string, WorkflowFacts, WorkflowEvent, WorkflowEvent> change) : IWorkflowDefinition
{
    public WorkflowKind Kind => original.Kind;

    public string FirstStep => original.FirstStep;

    public IReadOnlyList<string> Steps => original.Steps;

    public WorkflowDecision Decide(string step, string document, WorkflowFacts facts, WorkflowEvent @event) =>
        original.Decide(step, document, facts, change(step, facts, @event));

    /// <summary>The event that a host's word would have been.</summary>
    public static Answered Off(WorkflowFacts facts) =>
        new(facts.AwaitingHostId!.Value, facts.AwaitingHostName!, 0, 0, true, false, PciBus.Contracts.VirtualMachines.Observation.Off, null, []);
}
