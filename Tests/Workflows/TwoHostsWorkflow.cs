using PciBus.Management.Workflows;

namespace PciBus.Tests.Workflows;

/// <summary>Asks two hosts at once, and writes down what it hears: what the runner does for workflows that wait for several hosts.</summary>
internal sealed class TwoHostsWorkflow : WorkflowDefinition<TwoHostsStep, TwoHostsDocument>
{
    public static readonly TimeSpan Short = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan Long = TimeSpan.FromMinutes(2);

    public override WorkflowKind Kind => WorkflowKind.RebootVirtualMachine;

    protected override Decision? Decide(TwoHostsStep step, TwoHostsDocument document, WorkflowFacts facts, WorkflowEvent @event)
    {
        var heard = document with { Heard = document.Heard.Add($"{@event.Kind} {facts.AwaitingHostName}{(facts.IsParked ? " parked" : "")}") };
        return @event switch
        {
            Begun => Go(TwoHostsStep.Asking, document, Ask(document.First, Short), Ask(document.Second, Long) with { Beside = true }),
            Overdue overdue => Go(step, heard, new SetDeadline(null) { HostId = overdue.HostId }),
            Observed observed when facts.IsParked => Go(step, heard, Ask(observed.HostId, Short) with { Beside = true }),
            AgentSession session => Go(step, heard, new SendAgain(session.HostId)),
            Cancel => Go(step, heard, Ask(document.Second, Short)),
            HostDown => End(heard),
            _ => Go(step, heard),
        };
    }

    private static Send Ask(long hostId, TimeSpan timeout) => new(hostId, VirtualMachineOrder.Check, timeout);
}
