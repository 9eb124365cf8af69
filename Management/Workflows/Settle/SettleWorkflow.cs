using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Events;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows.Settle;

/// <summary>
/// Settles a doubt about a virtual machine on a host. The host cleans up if the virtual machine is off there, and touches nothing if it
/// runs. When the host says Off, the virtual machine is Stopped, if the records had it there, and what it has there is released. A copy is
/// ended only on a host that was declared down and still has the virtual machine's capacity or devices: when the virtual machine's own host
/// has just said that it runs there, or when it is Stopped and not to be started again. If it is to be started again, the found domain is
/// taken for it. Else nobody knows which domain is the right one, and nothing is touched.
/// </summary>
/// <remarks>
/// When all goes well:
/// Begin  + Begun        -> Asking  the host is sent a StopCommand that touches nothing that runs;
/// Asking + Answered Off -> ended   what the virtual machine had there is released; it is Stopped if it was thought to be there.
/// </remarks>
internal sealed class SettleWorkflow : WorkflowDefinition<SettleStep, SettleDocument>
{
    private const string HasBegun = "it has begun";
    private const string NoPlan = "settling plans nothing";
    private const string IsSettling = "settling is what comes of a copy that is seen";
    private const string AnswerDecides = "a report is a hint; the answer that is awaited decides";

    public override WorkflowKind Kind => WorkflowKind.Settle;

    protected override Decision? Decide(SettleStep step, SettleDocument document, WorkflowFacts facts, WorkflowEvent @event) =>
        (step, @event) switch
        {
            (SettleStep.Begin, Begun or Overdue) => Go(SettleStep.Asking, document, AskNow(document, facts)),
            (SettleStep.Begin, Refused or Cancel) => End(document),
            (SettleStep.Begin, Answered or Undelivered or Observed or AgentSession or HostDown) =>
                Ignore(step, document, "nothing was sent yet"),
            (SettleStep.Begin, Planned or NothingFits) => Ignore(step, document, NoPlan),
            (SettleStep.Begin, Sighted) => Ignore(step, document, IsSettling),

            // A host that has cleaned nothing is asked again.
            (SettleStep.Asking, Answered answer) when IsDone(answer, facts) => Off(document, facts, answer),
            (SettleStep.Asking, Answered { Observed: Observation.Running, NotBegun: false }) => Runs(document, facts),
            // An ended migration left the incoming domain: it is a copy like any other.
            (SettleStep.Asking, Answered { Observed: Observation.UnderWay, Status: DomainStatus.Incoming, NotBegun: false })
                when !WasThere(facts, document) => Incoming(document, facts),
            (SettleStep.Asking, Answered or Undelivered or Refused) => Go(SettleStep.Asking, document, LookAgain(facts)),
            (SettleStep.Asking, Observed) when facts.IsParked => Go(SettleStep.Asking, document, AskNow(document, facts)),
            (SettleStep.Asking, AgentSession) => Go(SettleStep.Asking, document, AskNow(document, facts)),
            (SettleStep.Asking, HostDown) when WasThere(facts, document) =>
                End(document, new Transit(VirtualMachineEvent.AgentReportStopped, null, $"{facts.AwaitingHostName} was declared down")),
            (SettleStep.Asking, HostDown or Cancel) => End(document),
            (SettleStep.Asking, Overdue) => Go(
                SettleStep.Asking,
                document,
                AskAgainOrPark(facts, VirtualMachineOrder.StopIfOff, $"keeps what it has there ({document.Why})")),
            (SettleStep.Asking, Observed) => Ignore(step, document, AnswerDecides),
            (SettleStep.Asking, Begun) => Ignore(step, document, HasBegun),
            (SettleStep.Asking, Planned or NothingFits) => Ignore(step, document, NoPlan),
            (SettleStep.Asking, Sighted) => Ignore(step, document, IsSettling),

            (SettleStep.Confirming, Answered { Observed: Observation.Running, NotBegun: false }) => EndCopy(document, facts),
            (SettleStep.Confirming, AgentSession) => Go(SettleStep.Confirming, document, Confirm(facts)),
            (SettleStep.Confirming, Answered or Undelivered or Refused or Overdue or HostDown) => LeaveAlone(document, facts),
            (SettleStep.Confirming, Cancel) => End(document),
            (SettleStep.Confirming, Observed) => Ignore(step, document, AnswerDecides),
            (SettleStep.Confirming, Begun) => Ignore(step, document, HasBegun),
            (SettleStep.Confirming, Planned or NothingFits) => Ignore(step, document, NoPlan),
            (SettleStep.Confirming, Sighted) => Ignore(step, document, IsSettling),

            // A host that has cleaned nothing is asked again to end the copy.
            (SettleStep.EndingCopy, Answered answer) when IsDone(answer, facts) =>
                End(document, new Release(EvidenceOf(answer), document.Why)),
            (SettleStep.EndingCopy, Answered or Undelivered or Refused) => Go(SettleStep.EndingCopy, document, LookAgain(facts)),
            // The other host's word was of its moment. This host was away since: the other host is asked once more.
            (SettleStep.EndingCopy, AgentSession) => Runs(document, facts),
            (SettleStep.EndingCopy, Observed) when facts.IsParked => Runs(document, facts),
            (SettleStep.EndingCopy, HostDown or Cancel) => End(document),
            (SettleStep.EndingCopy, Overdue) => Go(
                SettleStep.EndingCopy,
                document,
                AskAgainOrPark(facts, VirtualMachineOrder.ForceStop, $"keeps what it has there ({document.Why})")),
            (SettleStep.EndingCopy, Observed) => Ignore(step, document, AnswerDecides),
            (SettleStep.EndingCopy, Begun) => Ignore(step, document, HasBegun),
            (SettleStep.EndingCopy, Planned or NothingFits) => Ignore(step, document, NoPlan),
            (SettleStep.EndingCopy, Sighted) => Ignore(step, document, IsSettling),
            _ => null,
        };

    private static SetDeadline LookAgain(WorkflowFacts facts) => new(facts.In(facts.Options.CheckInterval));

    private static Send AskNow(SettleDocument document, WorkflowFacts facts) =>
        new(document.HostId, VirtualMachineOrder.StopIfOff, facts.Options.CommandTimeout);

    private static Decision Off(SettleDocument document, WorkflowFacts facts, Answered answer) => WasThere(facts, document)
        ? End(document, new Transit(
            facts.AwaitingHostWasDown ? VirtualMachineEvent.AgentReportStopped : VirtualMachineEvent.FollowAgentPowerOffReport,
            null, document.Why, EvidenceOf(answer)))
        : End(document, new Release(EvidenceOf(answer), document.Why));

    private static Decision Runs(SettleDocument document, WorkflowFacts facts) => facts.VmState switch
    {
        VirtualMachineState.Running when facts.VmHostId == document.HostId => End(document),
        // The workflow that brought it there is gone, or this workflow could not have begun.
        VirtualMachineState.Starting or VirtualMachineState.Stopping when facts.VmHostId == document.HostId =>
            End(document, new Transit(VirtualMachineEvent.FollowAgentPowerOnReport, facts.VmHostId, document.Why)),
        // A domain is known to be a copy only on a host that was declared down and still has the virtual machine's capacity or devices.
        VirtualMachineState.Running when facts is { VmHostId: not null, AwaitingHostHolds: true } =>
            Go(SettleStep.Confirming, document, Confirm(facts)),
        VirtualMachineState.Stopped when facts is { AwaitingHostHolds: true, RestartPending: true } =>
            End(document, new Transit(VirtualMachineEvent.FollowAgentPowerOnReport, document.HostId, document.Why)),
        VirtualMachineState.Stopped when facts.AwaitingHostHolds => EndCopy(document, facts),
        _ => LeaveAlone(document, facts),
    };

    /// <summary>An incoming domain does not run, so it is never the virtual machine itself.</summary>
    private static Decision Incoming(SettleDocument document, WorkflowFacts facts) => facts switch
    {
        { VmState: VirtualMachineState.Running, VmHostId: not null, AwaitingHostHolds: true } =>
            Go(SettleStep.Confirming, document, Confirm(facts)),
        { VmState: VirtualMachineState.Stopped, AwaitingHostHolds: true } => EndCopy(document, facts),
        _ => LeaveAlone(document, facts),
    };

    private static Send Confirm(WorkflowFacts facts) => new(facts.VmHostId!.Value, VirtualMachineOrder.Check, facts.Options.CommandTimeout);

    private static Decision EndCopy(SettleDocument document, WorkflowFacts facts) => Go(
        SettleStep.EndingCopy, document, new Send(document.HostId, VirtualMachineOrder.ForceStop, facts.Options.CommandTimeout));

    private static Decision LeaveAlone(SettleDocument document, WorkflowFacts facts) => End(document, new RaiseAlert(
        AlertType.VirtualMachineUnsettled,
        document.HostId,
        $"{facts.VmName} runs on a host where it should not",
        $"{facts.VmName} is {facts.VmState} for PciBus, and is said to run on another host too ({document.Why}). Nothing was touched."));

    private static bool WasThere(WorkflowFacts facts, SettleDocument document) =>
        facts.VmState is VirtualMachineState.Running or VirtualMachineState.Starting or VirtualMachineState.Stopping
        && facts.VmHostId == document.HostId;
}

/// <summary>Which host is asked about the virtual machine, and why.</summary>
internal sealed record SettleDocument(long HostId, string Why);

internal enum SettleStep
{
    Begin,

    /// <summary>The host was asked to clean up if the virtual machine is off there.</summary>
    Asking,

    /// <summary>The virtual machine runs there, and should run on another host: that other host was asked.</summary>
    Confirming,

    /// <summary>The host was told to end a copy that should not run there.</summary>
    EndingCopy,
}
