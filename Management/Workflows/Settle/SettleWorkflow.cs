using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Events;
using PciBus.Management.VirtualMachines;
using Decision = PciBus.Management.Workflows.WorkflowDecision<
    PciBus.Management.Workflows.Settle.SettleStep, PciBus.Management.Workflows.Settle.SettleDocument>;

namespace PciBus.Management.Workflows.Settle;

/// <summary>
/// The one way out of doubt about a virtual machine on a host: the host cleans up if it is off there and touches nothing
/// if it runs. "Off" stops the virtual machine, if it was thought to be there, and releases what it has on that host.
/// </summary>
internal sealed class SettleWorkflow : WorkflowDefinition<SettleStep, SettleDocument>
{
    private const string NotAsked = "nothing was sent yet";
    private const string NoPlan = "settling plans nothing";

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
        };

    protected override Decision? Decide(SettleStep step, SettleDocument document, WorkflowFacts facts, WorkflowEvent @event) =>
        (step, @event) switch
        {
            (SettleStep.Begin, Begun or Overdue) => Go(SettleStep.Asking, document, AskNow(document, facts)),
            (SettleStep.Begin, Refused or Cancel) => End(document),

            // What was not begun has cleaned nothing: it is asked for again.
            (SettleStep.Asking, Answered { Observed: Observation.Off, NotBegun: false } answer) => Off(document, facts, answer),
            (SettleStep.Asking, Answered { Observed: Observation.Running, NotBegun: false }) => Runs(document, facts),
            (SettleStep.Asking, Answered or Undelivered or Refused) =>
                Go(SettleStep.Asking, document, new SetDeadline(facts.In(facts.Options.CheckInterval))),
            (SettleStep.Asking, Overdue) => Go(
                SettleStep.Asking,
                document,
                AskAgainOrPark(facts, VirtualMachineOrder.StopIfOff, $"keeps what it has there ({document.Why})")),
            (SettleStep.Asking, AgentSession) => Go(SettleStep.Asking, document, AskNow(document, facts)),
            (SettleStep.Asking, Observed) => facts.IsParked
                ? Go(SettleStep.Asking, document, AskNow(document, facts))
                : Stay(step, document, "a report is a hint; the answer that is awaited decides"),
            (SettleStep.Asking, HostDown) => WasThere(facts, document)
                ? End(document, new Transit(VirtualMachineEvent.AgentReportStopped, null, $"{facts.AwaitingHostName} was declared down"))
                : End(document),
            (SettleStep.Asking, Cancel) => End(document),
            _ => null,
        };

    private static Send AskNow(SettleDocument document, WorkflowFacts facts) =>
        new(document.HostId, VirtualMachineOrder.StopIfOff, facts.Options.CommandTimeout);

    private static Decision Off(SettleDocument document, WorkflowFacts facts, Answered answer) => WasThere(facts, document)
        ? End(document, new Transit(VirtualMachineEvent.FollowAgentPowerOffReport, null, document.Why, EvidenceOf(answer)))
        : End(document, new Release(EvidenceOf(answer), document.Why));

    private static Decision Runs(SettleDocument document, WorkflowFacts facts) => WasThere(facts, document)
        ? End(document)
        : End(document, new RaiseAlert(
            AlertType.VirtualMachineUnsettled,
            document.HostId,
            $"{facts.VmName} runs on {facts.AwaitingHostName}, where it should not",
            $"{facts.VmName} is {facts.VmState} for PciBus, but {facts.AwaitingHostName} says that it runs there. Nothing was touched."));

    private static bool WasThere(WorkflowFacts facts, SettleDocument document) =>
        facts.VmState == VirtualMachineState.Running && facts.VmHostId == document.HostId;
}
