using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Events;
using PciBus.Management.VirtualMachines;
using Decision = PciBus.Management.Workflows.WorkflowDecision<
    PciBus.Management.Workflows.Settle.SettleStep, PciBus.Management.Workflows.Settle.SettleDocument>;

namespace PciBus.Management.Workflows.Settle;

/// <summary>
/// The one way out of doubt about a virtual machine on a host: the host cleans up if it is off there and touches nothing
/// if it runs. "Off" stops the virtual machine, if it was thought to be there, and releases what it has on that host. A copy
/// that should not run there is ended when the host of the virtual machine has just said that it runs on that one, or when it is
/// Stopped and this host had been declared down; else nobody knows which is the right one, and nothing is touched.
/// </summary>
internal sealed class SettleWorkflow : WorkflowDefinition<SettleStep, SettleDocument>
{
    private const string NotAsked = "nothing was sent yet";
    private const string NoPlan = "settling plans nothing";
    private const string AnswerDecides = "a report is a hint; the answer that is awaited decides";

    public override WorkflowKind Kind => WorkflowKind.Settle;

    protected override IReadOnlyDictionary<(SettleStep Step, WorkflowEventKind Event), string> IgnoredPairs { get; } =
        new Dictionary<(SettleStep, WorkflowEventKind), string>
        {
            [(SettleStep.Begin, WorkflowEventKind.Planned)] = NoPlan,
            [(SettleStep.Begin, WorkflowEventKind.NothingFits)] = NoPlan,
            [(SettleStep.Begin, WorkflowEventKind.Answered)] = NotAsked,
            [(SettleStep.Begin, WorkflowEventKind.Undelivered)] = NotAsked,
            [(SettleStep.Begin, WorkflowEventKind.Observed)] = NotAsked,
            [(SettleStep.Begin, WorkflowEventKind.AgentSession)] = NotAsked,
            [(SettleStep.Begin, WorkflowEventKind.HostDown)] = NotAsked,
            [(SettleStep.Asking, WorkflowEventKind.Begun)] = "it has begun",
            [(SettleStep.Asking, WorkflowEventKind.Planned)] = NoPlan,
            [(SettleStep.Asking, WorkflowEventKind.NothingFits)] = NoPlan,
            [(SettleStep.Confirming, WorkflowEventKind.Begun)] = "it has begun",
            [(SettleStep.Confirming, WorkflowEventKind.Planned)] = NoPlan,
            [(SettleStep.Confirming, WorkflowEventKind.NothingFits)] = NoPlan,
            [(SettleStep.Confirming, WorkflowEventKind.Observed)] = AnswerDecides,
            [(SettleStep.EndingCopy, WorkflowEventKind.Begun)] = "it has begun",
            [(SettleStep.EndingCopy, WorkflowEventKind.Planned)] = NoPlan,
            [(SettleStep.EndingCopy, WorkflowEventKind.NothingFits)] = NoPlan,
        };

    protected override Decision? Decide(SettleStep step, SettleDocument document, WorkflowFacts facts, WorkflowEvent @event) =>
        (step, @event) switch
        {
            (SettleStep.Begin, Begun or Overdue) => Go(SettleStep.Asking, document, AskNow(document, facts)),
            (SettleStep.Begin, Refused or Cancel) => End(document),

            // What was not begun has cleaned nothing: it is asked for again.
            (SettleStep.Asking, Answered { Observed: Observation.Off, NotBegun: false } answer) => Off(document, facts, answer),
            (SettleStep.Asking, Answered { Observed: Observation.Running, NotBegun: false }) => Runs(document, facts),
            // A migration that has ended left it: it is a copy like any other.
            (SettleStep.Asking, Answered { Observed: Observation.UnderWay, Status: DomainStatus.Incoming, NotBegun: false })
                when !WasThere(facts, document) => Runs(document, facts),
            (SettleStep.Asking, Answered or Undelivered or Refused) =>
                Go(SettleStep.Asking, document, new SetDeadline(facts.In(facts.Options.CheckInterval))),
            (SettleStep.Asking, Overdue) => Go(
                SettleStep.Asking,
                document,
                AskAgainOrPark(facts, VirtualMachineOrder.StopIfOff, $"keeps what it has there ({document.Why})")),
            (SettleStep.Asking, AgentSession) => Go(SettleStep.Asking, document, AskNow(document, facts)),
            (SettleStep.Asking, Observed) => facts.IsParked
                ? Go(SettleStep.Asking, document, AskNow(document, facts))
                : Stay(step, document, AnswerDecides),
            (SettleStep.Asking, HostDown) => WasThere(facts, document)
                ? End(document, new Transit(VirtualMachineEvent.AgentReportStopped, null, $"{facts.AwaitingHostName} was declared down"))
                : End(document),
            (SettleStep.Asking, Cancel) => End(document),

            (SettleStep.Confirming, Answered { Observed: Observation.Running, NotBegun: false }) => EndCopy(document, facts),
            (SettleStep.Confirming, AgentSession) => Go(SettleStep.Confirming, document, Confirm(facts)),
            (SettleStep.Confirming, Answered or Undelivered or Refused or Overdue or HostDown) => LeaveAlone(document, facts),
            (SettleStep.Confirming, Cancel) => End(document),

            // An end that was not begun has cleaned nothing: it is asked for again.
            (SettleStep.EndingCopy, Answered { Observed: Observation.Off, NotBegun: false } answer) =>
                End(document, new Release(EvidenceOf(answer), document.Why)),
            (SettleStep.EndingCopy, Answered or Undelivered or Refused) =>
                Go(SettleStep.EndingCopy, document, new SetDeadline(facts.In(facts.Options.CheckInterval))),
            (SettleStep.EndingCopy, Overdue) => Go(
                SettleStep.EndingCopy,
                document,
                AskAgainOrPark(facts, VirtualMachineOrder.ForceStop, $"keeps what it has there ({document.Why})")),
            // The other host's word was of its moment: whoever was away since is looked at again.
            (SettleStep.EndingCopy, AgentSession) => Runs(document, facts),
            (SettleStep.EndingCopy, Observed) => facts.IsParked ? Runs(document, facts) : Stay(step, document, AnswerDecides),
            (SettleStep.EndingCopy, HostDown or Cancel) => End(document),
            _ => null,
        };

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
        // What brought it there is gone, or this could not have begun.
        VirtualMachineState.Starting or VirtualMachineState.Stopping when facts.VmHostId == document.HostId =>
            End(document, new Transit(VirtualMachineEvent.FollowAgentPowerOnReport, facts.VmHostId, document.Why)),
        VirtualMachineState.Running when facts.VmHostId is not null => Go(SettleStep.Confirming, document, Confirm(facts)),
        VirtualMachineState.Stopped when facts.AwaitingHostWasDown => EndCopy(document, facts),
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
