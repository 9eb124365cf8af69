using PciBus.Contracts.VirtualMachines;
using PciBus.Management.VirtualMachines;
using Decision = PciBus.Management.Workflows.WorkflowDecision<
    PciBus.Management.Workflows.StopVirtualMachine.StopStep, PciBus.Management.Workflows.StopVirtualMachine.StopDocument>;

namespace PciBus.Management.Workflows.StopVirtualMachine;

/// <summary>
/// Stop on the host, release on its word. What comes after the stop is the difference between stopping and destroying.
/// </summary>
internal abstract class StoppingWorkflow : WorkflowDefinition<StopStep, StopDocument>
{
    private const string NotAsked = "nothing was sent yet";
    private const string NoPlan = "a stop plans nothing";
    private const string NotStarted = "a stop starts no copy; what runs elsewhere is settled when it has ended";

    protected override IReadOnlyDictionary<(StopStep Step, WorkflowEventKind Event), string> IgnoredPairs { get; } =
        new Dictionary<(StopStep, WorkflowEventKind), string>
        {
            [(StopStep.Begin, WorkflowEventKind.Planned)] = NoPlan,
            [(StopStep.Begin, WorkflowEventKind.NothingFits)] = NoPlan,
            [(StopStep.Begin, WorkflowEventKind.Answered)] = NotAsked,
            [(StopStep.Begin, WorkflowEventKind.Undelivered)] = NotAsked,
            [(StopStep.Begin, WorkflowEventKind.Observed)] = NotAsked,
            [(StopStep.Begin, WorkflowEventKind.Sighted)] = NotStarted,
            [(StopStep.Begin, WorkflowEventKind.AgentSession)] = NotAsked,
            [(StopStep.Begin, WorkflowEventKind.HostDown)] = NotAsked,
            [(StopStep.Begin, WorkflowEventKind.Cancel)] = "what cancels it wants a stop as well, and comes next",
            [(StopStep.Stopping, WorkflowEventKind.Begun)] = "it has begun",
            [(StopStep.Stopping, WorkflowEventKind.Planned)] = NoPlan,
            [(StopStep.Stopping, WorkflowEventKind.NothingFits)] = NoPlan,
            [(StopStep.Stopping, WorkflowEventKind.Sighted)] = NotStarted,
        };

    protected override Decision? Decide(StopStep step, StopDocument document, WorkflowFacts facts, WorkflowEvent @event) =>
        (step, @event) switch
        {
            (StopStep.Begin, Begun or Overdue) => Begin(document, facts),
            (StopStep.Begin, Refused refused) => End(document, new EndJob(refused.Refusal)),

            // A stop that was not begun has cleaned nothing: it is asked for again.
            (StopStep.Stopping, Answered { Observed: Observation.Off, NotBegun: false } answer) => Finish(
                document, new Transit(VirtualMachineEvent.OperationSucceeded, null, "stopped", EvidenceOf(answer))),
            (StopStep.Stopping, Answered { Observed: Observation.Running, Result: false, NotBegun: false } answer)
                when !document.Forced => GiveUp(document, facts, answer),
            (StopStep.Stopping, Answered or Undelivered) =>
                Go(StopStep.Stopping, document, new SetDeadline(facts.In(facts.Options.CheckInterval))),
            (StopStep.Stopping, Overdue) => Go(
                StopStep.Stopping,
                document,
                AskAgainOrPark(facts, Order(document), "stays Stopping and keeps its devices until that host says it is off")),
            (StopStep.Stopping, AgentSession) => Go(StopStep.Stopping, document, AskNow(document, facts)),
            (StopStep.Stopping, Observed) => facts.IsParked
                ? Go(StopStep.Stopping, document, AskNow(document, facts))
                : Stay(step, document, "a report is a hint; the answer that is awaited decides"),
            (StopStep.Stopping, HostDown) => Finish(
                document, new Transit(VirtualMachineEvent.AgentReportStopped, null, $"{facts.AwaitingHostName} was declared down")),
            (StopStep.Stopping, Cancel) => document.Forced
                ? Stay(step, document, "the domain is being destroyed already")
                : Go(StopStep.Stopping, document with { Forced = true }, AskNow(document with { Forced = true }, facts)),
            (StopStep.Stopping, Refused) =>
                Go(StopStep.Stopping, document, new SetDeadline(facts.In(facts.Options.CheckInterval))),
            _ => null,
        };

    /// <summary>What happens to the virtual machine once it is off.</summary>
    protected abstract IEnumerable<WorkflowEffect> AfterStop(StopDocument document);

    private Decision Begin(StopDocument document, WorkflowFacts facts) => facts.VmState switch
    {
        VirtualMachineState.Running => Go(
            StopStep.Stopping,
            document,
            new Transit(VirtualMachineEvent.StopRequested, facts.VmHostId, "stop"),
            new Send(facts.VmHostId!.Value, Order(document), Patience(document, facts))),
        // Whoever wants it to be off does not want it to be started again.
        VirtualMachineState.Stopped => Finish(document, new Transit(VirtualMachineEvent.StopRequested, null, "stop")),
        VirtualMachineState.Destroyed or VirtualMachineState.Error when document.Expunge => End(
            document, new Transit(VirtualMachineEvent.ExpungeOperation, null, "expunged"), new EndJob(null)),
        _ => End(document, new EndJob(new Refusal(
            RefusalCause.InvalidParameter, $"{facts.VmName} is {facts.VmState}, it cannot be {(document.Destroy ? "destroyed" : "stopped")}"))),
    };

    private Decision Finish(StopDocument document, params WorkflowEffect[] stopped) =>
        End(document, [.. stopped, .. AfterStop(document), new EndJob(null)]);

    private static Decision GiveUp(StopDocument document, WorkflowFacts facts, Answered answer) => End(
        document,
        new Transit(VirtualMachineEvent.OperationFailed, facts.VmHostId, "it does not stop"),
        new EndJob(new Refusal(
            RefusalCause.OperationFailed,
            $"{facts.VmName} still runs on {answer.HostName}: {answer.Details ?? "the guest did not shut down"}; forced=true destroys it")));

    private static Send AskNow(StopDocument document, WorkflowFacts facts) =>
        new(facts.AwaitingHostId!.Value, Order(document), Patience(document, facts));

    private static VirtualMachineOrder Order(StopDocument document) =>
        document.Forced || document.Destroy ? VirtualMachineOrder.ForceStop : VirtualMachineOrder.Stop;

    private static TimeSpan Patience(StopDocument document, WorkflowFacts facts) => Order(document) == VirtualMachineOrder.Stop
        ? facts.Options.StopTimeout + TimeSpan.FromSeconds(30)
        : facts.Options.CommandTimeout;
}
