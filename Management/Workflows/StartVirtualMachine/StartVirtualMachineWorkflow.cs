using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Deployment;
using PciBus.Management.VirtualMachines;
using Decision = PciBus.Management.Workflows.WorkflowDecision<
    PciBus.Management.Workflows.StartVirtualMachine.StartStep, PciBus.Management.Workflows.StartVirtualMachine.StartDocument>;

namespace PciBus.Management.Workflows.StartVirtualMachine;

/// <summary>
/// Plan, claim, start. Another host is tried only when the last one has said Off, the command was never begun there, or the
/// host is down; a host that does not say is asked until it does, and keeps the devices meanwhile.
/// </summary>
internal sealed class StartVirtualMachineWorkflow : WorkflowDefinition<StartStep, StartDocument>
{
    private const string DecidedAtOnce = "planning ends in the transaction that began it";
    private const string NotAsked = "nothing was sent yet";
    private const string AnswerDecides = "a report is a hint; the answer that is awaited decides";

    public override WorkflowKind Kind => WorkflowKind.StartVirtualMachine;

    protected override IReadOnlyDictionary<(StartStep Step, WorkflowEventKind Event), string> IgnoredPairs { get; } =
        new Dictionary<(StartStep, WorkflowEventKind), string>
        {
            [(StartStep.Begin, WorkflowEventKind.Planned)] = NotAsked,
            [(StartStep.Begin, WorkflowEventKind.NothingFits)] = NotAsked,
            [(StartStep.Begin, WorkflowEventKind.Answered)] = NotAsked,
            [(StartStep.Begin, WorkflowEventKind.Undelivered)] = NotAsked,
            [(StartStep.Begin, WorkflowEventKind.Observed)] = NotAsked,
            [(StartStep.Begin, WorkflowEventKind.Sighted)] = "nothing was started yet, and nothing will be while another host was seen to run it",
            [(StartStep.Begin, WorkflowEventKind.AgentSession)] = NotAsked,
            [(StartStep.Begin, WorkflowEventKind.HostDown)] = NotAsked,
            [(StartStep.Planning, WorkflowEventKind.Begun)] = DecidedAtOnce,
            [(StartStep.Planning, WorkflowEventKind.Answered)] = DecidedAtOnce,
            [(StartStep.Planning, WorkflowEventKind.Undelivered)] = DecidedAtOnce,
            [(StartStep.Planning, WorkflowEventKind.Observed)] = DecidedAtOnce,
            [(StartStep.Planning, WorkflowEventKind.Sighted)] = DecidedAtOnce,
            [(StartStep.Planning, WorkflowEventKind.AgentSession)] = DecidedAtOnce,
            [(StartStep.Planning, WorkflowEventKind.HostDown)] = DecidedAtOnce,
            [(StartStep.Planning, WorkflowEventKind.Refused)] = "a refusal rolls back to the step before planning",
            [(StartStep.Planning, WorkflowEventKind.Overdue)] = DecidedAtOnce,
            [(StartStep.Planning, WorkflowEventKind.Cancel)] = DecidedAtOnce,
            [(StartStep.Starting, WorkflowEventKind.Begun)] = "it has begun",
            [(StartStep.Starting, WorkflowEventKind.Planned)] = "the plan has been followed",
            [(StartStep.Starting, WorkflowEventKind.NothingFits)] = "the plan has been followed",
            [(StartStep.Starting, WorkflowEventKind.Observed)] = AnswerDecides,
            [(StartStep.Checking, WorkflowEventKind.Begun)] = "it has begun",
            [(StartStep.Checking, WorkflowEventKind.Planned)] = "the plan has been followed",
            [(StartStep.Checking, WorkflowEventKind.NothingFits)] = "the plan has been followed",
            [(StartStep.Doubting, WorkflowEventKind.Begun)] = "it has begun",
            [(StartStep.Doubting, WorkflowEventKind.Planned)] = "the plan has been followed",
            [(StartStep.Doubting, WorkflowEventKind.NothingFits)] = "the plan has been followed",
            [(StartStep.Doubting, WorkflowEventKind.Observed)] = AnswerDecides,
            [(StartStep.Doubting, WorkflowEventKind.Sighted)] = "that host is being asked",
            [(StartStep.CleaningUp, WorkflowEventKind.Begun)] = "it has begun",
            [(StartStep.CleaningUp, WorkflowEventKind.Planned)] = "the plan has been followed",
            [(StartStep.CleaningUp, WorkflowEventKind.NothingFits)] = "the plan has been followed",
            [(StartStep.CleaningUp, WorkflowEventKind.Sighted)] = "it is being cleaned up already",
            [(StartStep.CleaningUp, WorkflowEventKind.Cancel)] = "it is being cleaned up already, and goes nowhere else once that is done",
        };

    protected override Decision? Decide(StartStep step, StartDocument document, WorkflowFacts facts, WorkflowEvent @event) =>
        (step, @event) switch
        {
            (StartStep.Begin, Begun or Overdue) => Begin(document, facts),
            (StartStep.Begin, Refused refused) => End(document, new EndJob(refused.Refusal)),
            (StartStep.Begin, Cancel cancel) => End(document, new EndJob(Cancelled(cancel.Why))),

            (StartStep.Planning, Planned planned) => Go(
                StartStep.Starting,
                document,
                new Transit(VirtualMachineEvent.OperationRetry, planned.HostId, "start"),
                new Send(planned.HostId, VirtualMachineOrder.Start, facts.Options.CommandTimeout)),
            (StartStep.Planning, NothingFits nothing) => Fail(document, NoHost(document, nothing)),

            (StartStep.Starting or StartStep.Checking or StartStep.CleaningUp, Refused refused) => Retreat(step, document, facts, refused),
            (StartStep.Starting, Answered { Result: true, Observed: Observation.Running }) => Succeed(document, facts),
            (StartStep.Starting or StartStep.Checking, Answered { Observed: Observation.Running, HasOwnDevices: true }) => Succeed(document, facts),
            (StartStep.Starting or StartStep.Checking, Answered { Observed: Observation.Running, HasOwnDevices: false } answer) =>
                LeaveAlone(document, facts, answer),
            (StartStep.Starting, Answered { IsUntouched: true, Observed: Observation.Off } answer) =>
                TryAnother(document, facts, EvidenceOf(answer), Failure(answer)),
            (StartStep.Starting, Undelivered undelivered) =>
                TryAnother(
                    document with { NotReached = document.NotReached + 1 }, facts, EvidenceOf(undelivered), $"{facts.AwaitingHostName} is not connected"),
            (StartStep.Starting, Answered { Observed: Observation.Off } answer) =>
                CleanUp(document with { LastFailure = Failure(answer) }, facts),
            (StartStep.Starting, Answered) => Go(StartStep.Checking, document, new SetDeadline(facts.In(facts.Options.CheckInterval))),
            (StartStep.Starting, Overdue) => Check(document, facts),

            (StartStep.Checking, Answered { Observed: Observation.Off } answer) =>
                CleanUp(document with { LastFailure = document.LastFailure ?? Failure(answer) }, facts),
            (StartStep.Checking, Answered or Undelivered) =>
                Go(StartStep.Checking, document, new SetDeadline(facts.In(facts.Options.CheckInterval))),
            (StartStep.Checking, Overdue) => Check(document, facts),

            (StartStep.Starting or StartStep.Checking, Sighted sighted) => sighted.HostId == facts.VmHostId
                ? Stay(step, document, "it is being started there")
                : Go(StartStep.Doubting, document, new Send(sighted.HostId, VirtualMachineOrder.StopIfOff, facts.Options.CommandTimeout)),
            (StartStep.Doubting, Answered { Observed: Observation.Off, NotBegun: false } answer) =>
                Go(StartStep.Checking, document, new Release(EvidenceOf(answer), "it is not there"), CheckDestination(facts)),
            (StartStep.Doubting, HostDown) => Go(StartStep.Checking, document, CheckDestination(facts)),
            (StartStep.Doubting, AgentSession) => Go(StartStep.Doubting, document, AskNow(facts, VirtualMachineOrder.StopIfOff)),
            // What was seen there is not known to be off: this copy gives way.
            (StartStep.Doubting, Answered or Undelivered or Overdue or Refused) =>
                GiveWay(document, facts, $"{facts.VmName} was seen to run on {facts.AwaitingHostName}, which has not said that it is off"),
            (StartStep.Doubting, Cancel cancel) => GiveWay(document, facts, cancel.Why),

            // A clean-up that was not begun has cleaned nothing: it is asked for again.
            (StartStep.CleaningUp, Answered { Observed: Observation.Off, NotBegun: false } answer) =>
                TryAnother(document, facts, EvidenceOf(answer), document.LastFailure ?? Failure(answer)),
            (StartStep.CleaningUp, Answered or Undelivered) =>
                Go(StartStep.CleaningUp, document, new SetDeadline(facts.In(facts.Options.CheckInterval))),
            (StartStep.CleaningUp, Overdue) => Go(
                StartStep.CleaningUp,
                document,
                AskAgainOrPark(facts, VirtualMachineOrder.ForceStop, "stays Starting and keeps its devices until that host says it is off")),

            (StartStep.Starting, AgentSession) => Go(StartStep.Starting, document, new SendAgain()),
            (StartStep.Checking, AgentSession) => Go(StartStep.Checking, document, AskNow(facts, VirtualMachineOrder.Check)),
            (StartStep.CleaningUp, AgentSession) => Go(StartStep.CleaningUp, document, AskNow(facts, VirtualMachineOrder.ForceStop)),
            (StartStep.Checking, Observed) => facts.IsParked
                ? Go(StartStep.Checking, document, AskNow(facts, VirtualMachineOrder.Check))
                : Stay(step, document, AnswerDecides),
            (StartStep.CleaningUp, Observed) => facts.IsParked
                ? Go(StartStep.CleaningUp, document, AskNow(facts, VirtualMachineOrder.ForceStop))
                : Stay(step, document, AnswerDecides),
            (StartStep.Starting or StartStep.Checking or StartStep.CleaningUp, HostDown down) =>
                Leave(document, facts, down.HostId, $"{facts.AwaitingHostName} was declared down"),
            (StartStep.Starting or StartStep.Checking, Cancel cancel) =>
                CleanUp(document with { Cancelled = cancel.Why, LastFailure = cancel.Why }, facts),
            _ => null,
        };

    private static Decision Begin(StartDocument document, WorkflowFacts facts) => facts.VmState == VirtualMachineState.Stopped
        ? Go(
            StartStep.Planning,
            document,
            new Transit(VirtualMachineEvent.StartRequested, null, "start"),
            new Plan(document.HostId, ExcludeList.Empty))
        : End(document, new EndJob(new Refusal(
            RefusalCause.InvalidParameter, $"{facts.VmName} is {facts.VmState}, it can be started only when it is Stopped")));

    private static Decision Succeed(StartDocument document, WorkflowFacts facts) => End(
        document,
        new Transit(VirtualMachineEvent.OperationSucceeded, facts.VmHostId, "started"),
        new EndJob(null));

    private static Decision Check(StartDocument document, WorkflowFacts facts) => Go(
        StartStep.Checking,
        document,
        AskAgainOrPark(facts, VirtualMachineOrder.Check, "stays Starting and keeps its devices until that host speaks"));

    private static Decision CleanUp(StartDocument document, WorkflowFacts facts) =>
        Go(StartStep.CleaningUp, document, AskNow(facts, VirtualMachineOrder.ForceStop));

    private static Send CheckDestination(WorkflowFacts facts) => new(facts.VmHostId!.Value, VirtualMachineOrder.Check, facts.Options.CommandTimeout);

    private static Decision GiveWay(StartDocument document, WorkflowFacts facts, string why) => Go(
        StartStep.CleaningUp,
        document with { Cancelled = why, LastFailure = why },
        new Send(facts.VmHostId!.Value, VirtualMachineOrder.ForceStop, facts.Options.CommandTimeout));

    private static Send AskNow(WorkflowFacts facts, VirtualMachineOrder order) =>
        new(facts.AwaitingHostId!.Value, order, facts.Options.CommandTimeout);

    /// <summary>The host is proved not to run it: what it has there is given back, and the next host is looked for.</summary>
    private static Decision TryAnother(StartDocument document, WorkflowFacts facts, OffEvidence evidence, string failure)
    {
        var after = document with { LastFailure = failure, Tried = document.Tried.SetItem(evidence.HostId, failure) };
        return MayTryAnother(after, facts)
            ? Go(StartStep.Planning, after, new Release(evidence, failure), new Plan(null, new ExcludeList(after.Tried)))
            : Fail(after, Giving(after), evidence);
    }

    /// <summary>The host is down: what it has there stays claimed, and the next host is looked for.</summary>
    private static Decision Leave(StartDocument document, WorkflowFacts facts, long hostId, string failure)
    {
        var after = document with { LastFailure = failure, Tried = document.Tried.SetItem(hostId, failure) };
        return MayTryAnother(after, facts)
            ? Go(StartStep.Planning, after, new Plan(null, new ExcludeList(after.Tried)))
            : Fail(after, Giving(after));
    }

    private static bool MayTryAnother(StartDocument document, WorkflowFacts facts) =>
        document.Cancelled is null && document.HostId is null
        && document.Tried.Count - document.NotReached < facts.Options.StartRetry && facts.Now < facts.JobDeadline;

    /// <summary>Trying another host was refused for good: the evidence that led there still counts.</summary>
    private static Decision Retreat(StartStep step, StartDocument document, WorkflowFacts facts, Refused refused) => refused.After switch
    {
        Answered { Observed: Observation.Off } answer when answer.IsUntouched || step == StartStep.CleaningUp =>
            Fail(document, refused.Refusal, EvidenceOf(answer)),
        Undelivered undelivered when step == StartStep.Starting => Fail(document, refused.Refusal, EvidenceOf(undelivered)),
        HostDown => Fail(document, refused.Refusal),
        _ => Go(step, document, new SetDeadline(facts.In(facts.Options.CheckInterval))),
    };

    private static Decision Fail(StartDocument document, Refusal refusal, params OffEvidence[] evidence) => End(
        document,
        new Transit(VirtualMachineEvent.OperationFailed, null, refusal.Text, evidence),
        new EndJob(refusal));

    /// <summary>
    /// The domain is not this start's: it is not touched. What is claimed there stays so until its host says Off, and nothing is started
    /// elsewhere meanwhile.
    /// </summary>
    private static Decision LeaveAlone(StartDocument document, WorkflowFacts facts, Answered answer)
    {
        var refusal = new Refusal(
            RefusalCause.OperationFailed,
            $"{facts.VmName} runs on {answer.HostName} already, without the devices it was to be started with: somebody else started it there. It was not touched");
        return End(
            document,
            new Transit(VirtualMachineEvent.OperationFailed, null, refusal.Text),
            new NoteSighting(answer.HostId, answer.Session, answer.Sequence),
            new EndJob(refusal));
    }

    private static Refusal Giving(StartDocument document) => document.Cancelled is { } why
        ? Cancelled(why)
        : new Refusal(RefusalCause.OperationFailed, $"Unable to start: {string.Join("; ", document.Tried.Values)}");

    private static Refusal Cancelled(string why) => new(RefusalCause.OperationFailed, $"The start was given up: {why}");

    private static Refusal NoHost(StartDocument document, NothingFits nothing) => document.Tried.IsEmpty
        ? new Refusal(RefusalCause.InsufficientCapacity, nothing.Reasons)
        : new Refusal(
            RefusalCause.InsufficientCapacity, $"{string.Join("; ", document.Tried.Values)}. No other host fits: {nothing.Reasons}");

    private static string Failure(Answered answer) => $"{answer.HostName}: {answer.Details ?? $"it is {answer.Observed}"}";
}
