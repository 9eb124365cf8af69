using PciBus.Contracts.VirtualMachines;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows.RebootVirtualMachine;

/// <summary>
/// Reboot in place. The virtual machine stays Running with its devices whatever comes of the reboot. If it turns out to be off, it is
/// settled like any virtual machine that powered itself off.
/// </summary>
/// <remarks>
/// When all goes well:
/// Begin     + Begun            -> Rebooting  the host is sent the RebootCommand;
/// Rebooting + Answered Running -> ended      the job has succeeded.
/// </remarks>
internal sealed class RebootVirtualMachineWorkflow : WorkflowDefinition<RebootStep, RebootDocument>
{
    private const string NoPlan = "a reboot plans nothing";
    private const string NotStarted = "a reboot starts no copy; what runs elsewhere is settled when it has ended";

    public override WorkflowKind Kind => WorkflowKind.RebootVirtualMachine;

    protected override Decision? Decide(RebootStep step, RebootDocument document, WorkflowFacts facts, WorkflowEvent @event) =>
        (step, @event) switch
        {
            (RebootStep.Begin, Begun or Overdue) => Begin(document, facts),
            (RebootStep.Begin, Refused refused) => End(document, new EndJob(refused.Refusal)),
            (RebootStep.Begin, Cancel cancel) => Fail(document, facts, cancel.Why),
            (RebootStep.Begin, Answered or Undelivered or Observed or AgentSession or HostDown) =>
                Ignore(step, document, "nothing was sent yet"),
            (RebootStep.Begin, Planned or NothingFits) => Ignore(step, document, NoPlan),
            (RebootStep.Begin, Sighted) => Ignore(step, document, NotStarted),

            // A hypervisor says yes to a reboot that a paused guest never hears of.
            (RebootStep.Rebooting, Answered { NotBegun: false } answer) when WhyDeaf(answer, facts) is { } why =>
                Fail(document, facts, why),
            (RebootStep.Rebooting, Answered { Result: true, Observed: Observation.Running }) => End(document, new EndJob(null)),
            (RebootStep.Rebooting, Answered { Observed: Observation.UnderWay, NotBegun: false }) =>
                Ignore(step, document, "the first copy of the command is under way: it answers, or the deadline passes"),
            (RebootStep.Rebooting, Answered answer) =>
                Fail(document, facts, About.Of(answer.HostName, answer.Details ?? $"it is {answer.Observed}")),
            (RebootStep.Rebooting, Undelivered) => Fail(document, facts, $"{facts.AwaitingHostName} is not connected"),
            (RebootStep.Rebooting, AgentSession session) => Go(RebootStep.Rebooting, document, new SendAgain(session.HostId)),
            (RebootStep.Rebooting, HostDown) => Fail(document, facts, $"{facts.AwaitingHostName} was declared down"),
            (RebootStep.Rebooting, Overdue) => End(document, new EndJob(new Refusal(
                RefusalCause.OperationTimedOut, $"{facts.AwaitingHostName} does not answer: {facts.VmName} may or may not have rebooted"))),
            (RebootStep.Rebooting, Cancel cancel) => Fail(document, facts, cancel.Why),
            (RebootStep.Rebooting, Refused) => Ignore(step, document, "it has no effect that can be refused"),
            (RebootStep.Rebooting, Observed) => Ignore(step, document, "a report is a hint; the answer that is awaited decides"),
            (RebootStep.Rebooting, Begun) => Ignore(step, document, "it has begun"),
            (RebootStep.Rebooting, Planned or NothingFits) => Ignore(step, document, NoPlan),
            (RebootStep.Rebooting, Sighted) => Ignore(step, document, NotStarted),
            _ => null,
        };

    private static Decision Begin(RebootDocument document, WorkflowFacts facts) => facts.VmState == VirtualMachineState.Running
        ? Go(RebootStep.Rebooting, document, new Send(facts.VmHostId!.Value, VirtualMachineOrder.Reboot, facts.Options.CommandTimeout))
        : Refuse(document, facts, "it can be rebooted only when it is Running");

    private static Decision Fail(RebootDocument document, WorkflowFacts facts, string why) =>
        End(document, new EndJob(new Refusal(RefusalCause.OperationFailed, $"{facts.VmName} was not rebooted: {why}")));
}

/// <summary>A reboot takes nothing and gives nothing back: there is nothing to remember.</summary>
internal sealed record RebootDocument;

internal enum RebootStep
{
    Begin,

    /// <summary>The host was told to reboot the virtual machine.</summary>
    Rebooting,
}
