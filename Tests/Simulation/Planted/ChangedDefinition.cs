using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Workflows;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A workflow that decides some events otherwise than the one it replaces.</summary>
internal sealed class ChangedDefinition(
    IWorkflowDefinition original, Func<string, WorkflowFacts, WorkflowEvent, WorkflowEvent> change) : IWorkflowDefinition
{
    public WorkflowKind Kind => original.Kind;

    public string FirstStep => original.FirstStep;

    public IReadOnlyList<string> Steps => original.Steps;

    public WorkflowDecision Decide(string step, string document, WorkflowFacts facts, WorkflowEvent @event)
    {
        var taken = change(step, facts, @event);
        return original.Decide(step, document, taken is HostDown down ? Down(facts, down.HostId) : facts, taken);
    }

    /// <summary>The event that a host's word would have been.</summary>
    public static Answered Off(WorkflowFacts facts) =>
        new(facts.AwaitingHostId!.Value, facts.AwaitingHostName!, facts.SessionOf(facts.AwaitingHostId.Value), 0, true, false, Observation.Off, null, []);

    /// <summary>What goes with a host that is Down.</summary>
    private static WorkflowFacts Down(WorkflowFacts facts, long hostId) =>
        facts with { Hosts = [.. facts.Hosts.Select(host => host.Id == hostId ? host with { IsDown = true } : host)] };
}
