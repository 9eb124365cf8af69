using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Deployment;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows.StartVirtualMachine;

/// <summary>
/// Plan, claim, start. Another host is tried only when the last one has said Off, the command was never begun there, or the
/// host is down; a host that does not say is asked until it does, and keeps the devices meanwhile.
/// </summary>
/// <remarks>
/// When all goes well:
/// Begin    + Begun            -> Planning  the virtual machine is Starting; a host is planned, in the same transaction;
/// Planning + Planned          -> Starting  the host's CPU, RAM and devices are claimed, and it is sent the StartCommand;
/// Starting + Answered Running -> ended     the virtual machine is Running, and the job has succeeded.
/// </remarks>
internal sealed class StartVirtualMachineWorkflow : WorkflowDefinition<StartStep, StartDocument>
{
    private const string HasBegun = "it has begun, and the plan has been followed";
    private const string AnswerDecides = "a report is a hint; the answer that is awaited decides";

    public override WorkflowKind Kind => WorkflowKind.StartVirtualMachine;

    protected override Decision? Decide(StartStep step, StartDocument document, WorkflowFacts facts, WorkflowEvent @event) =>
        (step, @event) switch
        {
            (StartStep.Begin, Begun or Overdue) => Begin(document, facts),
            (StartStep.Begin, Refused refused) => End(document, new EndJob(refused.Refusal)),
            (StartStep.Begin, Cancel cancel) => End(document, new EndJob(Cancelled(cancel.Why))),
            (StartStep.Begin, Sighted) =>
                Ignore(step, document, "nothing was started yet, and nothing will be while another host was seen to run it"),
            (StartStep.Begin, Planned or NothingFits or Answered or Undelivered or Observed or AgentSession or HostDown) =>
                Ignore(step, document, "nothing was sent yet"),

            (StartStep.Planning, Planned planned) => Go(
                StartStep.Starting,
                document,
                // With this transition CPU, RAM and devices of the host are claimed.
                new Transit(VirtualMachineEvent.OperationRetry, planned.HostId, "start"),
                new Send(planned.HostId, VirtualMachineOrder.Start, facts.Options.CommandTimeout)),
            (StartStep.Planning, NothingFits nothing) => Fail(document, NoHost(document, nothing)),
            (StartStep.Planning, Refused) => Ignore(step, document, "a refusal rolls back to the step before planning"),
            (StartStep.Planning, Begun or Answered or Undelivered or Observed or Sighted or AgentSession or HostDown or Overdue
                or Cancel) =>
                Ignore(step, document, "planning ends in the transaction that began it"),

            (StartStep.Starting, Answered { Result: true, Observed: Observation.Running }) => Succeed(document, facts),
            (StartStep.Starting, Answered { Observed: Observation.Running } answer) when IsOurs(document, answer) =>
                Succeed(document, facts),
            (StartStep.Starting, Answered { Observed: Observation.Running, HasOwnDevices: false } answer) =>
                LeaveAlone(document, facts, answer),
            (StartStep.Starting, Answered { IsUntouched: true, Observed: Observation.Off } answer) =>
                TryAnother(document, facts, EvidenceOf(answer), Failure(answer)),
            (StartStep.Starting, Answered { Observed: Observation.Off } answer) =>
                CleanUp(document with { LastFailure = Failure(answer) }, facts),
            (StartStep.Starting, Answered) => Go(StartStep.Checking, document, LookAgain(facts)),
            (StartStep.Starting, Undelivered undelivered) => TryAnother(
                document with { NotReached = document.NotReached + 1 }, facts, EvidenceOf(undelivered), $"{facts.AwaitingHostName} is not "
                    + "connected"),
            (StartStep.Starting, Sighted sighted) => Doubt(step, document, facts, sighted),
            (StartStep.Starting, AgentSession session) => Go(StartStep.Starting, document, new SendAgain(session.HostId)),
            (StartStep.Starting, HostDown down) => Leave(document, facts, down.HostId),
            (StartStep.Starting, Refused refused) => Retreat(step, document, facts, refused),
            (StartStep.Starting, Overdue) => Check(document, facts),
            (StartStep.Starting, Cancel cancel) => CleanUp(document with { Cancelled = cancel.Why, LastFailure = cancel.Why }, facts),
            (StartStep.Starting, Observed) => Ignore(step, document, AnswerDecides),
            (StartStep.Starting, Begun or Planned or NothingFits) => Ignore(step, document, HasBegun),

            (StartStep.Checking, Answered { Observed: Observation.Running } answer) when IsOurs(document, answer) =>
                Succeed(document, facts),
            (StartStep.Checking, Answered { Observed: Observation.Running, HasOwnDevices: false } answer) =>
                LeaveAlone(document, facts, answer),
            (StartStep.Checking, Answered { Observed: Observation.Off } answer) =>
                CleanUp(document with { LastFailure = document.LastFailure ?? Failure(answer) }, facts),
            (StartStep.Checking, Answered or Undelivered) => Go(StartStep.Checking, document, LookAgain(facts)),
            (StartStep.Checking, Observed) when facts.IsParked =>
                Go(StartStep.Checking, document, AskNow(facts, VirtualMachineOrder.Check)),
            (StartStep.Checking, Sighted sighted) => Doubt(step, document, facts, sighted),
            (StartStep.Checking, AgentSession) => Go(StartStep.Checking, document, AskNow(facts, VirtualMachineOrder.Check)),
            (StartStep.Checking, HostDown down) => Leave(document, facts, down.HostId),
            (StartStep.Checking, Refused refused) => Retreat(step, document, facts, refused),
            (StartStep.Checking, Overdue) => Check(document, facts),
            (StartStep.Checking, Cancel cancel) => CleanUp(document with { Cancelled = cancel.Why, LastFailure = cancel.Why }, facts),
            (StartStep.Checking, Observed) => Ignore(step, document, AnswerDecides),
            (StartStep.Checking, Begun or Planned or NothingFits) => Ignore(step, document, HasBegun),

            (StartStep.Doubting, Answered answer) when IsDone(answer, facts) =>
                Go(StartStep.Checking, document, new Release(EvidenceOf(answer), "it is not there"), CheckDestination(facts)),
            (StartStep.Doubting, HostDown) => Go(StartStep.Checking, document, CheckDestination(facts)),
            (StartStep.Doubting, AgentSession) => Go(StartStep.Doubting, document, AskNow(facts, VirtualMachineOrder.StopIfOff)),
            // The other host has not said that the virtual machine is off there: this copy gives way.
            (StartStep.Doubting, Answered or Undelivered or Overdue or Refused) =>
                GiveWay(document, facts, $"{facts.VmName} was seen to run on {facts.AwaitingHostName}, which has not said that it is off"),
            (StartStep.Doubting, Cancel cancel) => GiveWay(document, facts, cancel.Why),
            (StartStep.Doubting, Observed) => Ignore(step, document, AnswerDecides),
            (StartStep.Doubting, Sighted) => Ignore(step, document, "that host is being asked"),
            (StartStep.Doubting, Begun or Planned or NothingFits) => Ignore(step, document, HasBegun),

            // A host that has cleaned nothing is asked again.
            (StartStep.CleaningUp, Answered answer) when IsDone(answer, facts) =>
                TryAnother(document, facts, EvidenceOf(answer), document.LastFailure ?? Failure(answer)),
            (StartStep.CleaningUp, Answered or Undelivered) => Go(StartStep.CleaningUp, document, LookAgain(facts)),
            (StartStep.CleaningUp, Observed) when facts.IsParked =>
                Go(StartStep.CleaningUp, document, AskNow(facts, VirtualMachineOrder.ForceStop)),
            (StartStep.CleaningUp, AgentSession) => Go(StartStep.CleaningUp, document, AskNow(facts, VirtualMachineOrder.ForceStop)),
            (StartStep.CleaningUp, HostDown down) => Leave(document, facts, down.HostId),
            (StartStep.CleaningUp, Refused refused) => Retreat(step, document, facts, refused),
            (StartStep.CleaningUp, Overdue) => Go(
                StartStep.CleaningUp,
                document,
                AskAgainOrPark(
                    facts, VirtualMachineOrder.ForceStop, "stays Starting and keeps its devices until that host says it is off")),
            (StartStep.CleaningUp, Observed) => Ignore(step, document, AnswerDecides),
            (StartStep.CleaningUp, Sighted) => Ignore(step, document, "it is being cleaned up already"),
            (StartStep.CleaningUp, Cancel) =>
                Ignore(step, document, "it is being cleaned up already, and goes nowhere else once that is done"),
            (StartStep.CleaningUp, Begun or Planned or NothingFits) => Ignore(step, document, HasBegun),
            _ => null,
        };

    private static Decision Begin(StartDocument document, WorkflowFacts facts) => facts.VmState == VirtualMachineState.Stopped
        ? Go(
            StartStep.Planning,
            document with { After = facts.CommandNumber },
            new Transit(VirtualMachineEvent.StartRequested, null, "start"),
            new Plan(document.HostId, ExcludeList.Empty) { ClusterId = document.ClusterId })
        : Refuse(document, facts, "it can be started only when it is Stopped");

    /// <summary>
    /// Whether this start made the domain: the domain has devices that are claimed for it, or names a StartCommand of this start. Its guest
    /// may have let go of all of the devices since.
    /// </summary>
    private static bool IsOurs(StartDocument document, Answered answer) =>
        answer.HasOwnDevices == true || answer.StartedBy > document.After;

    private static Decision Succeed(StartDocument document, WorkflowFacts facts) => End(
        document,
        new Transit(VirtualMachineEvent.OperationSucceeded, facts.VmHostId, "started"),
        new EndJob(null));

    private static Decision Check(StartDocument document, WorkflowFacts facts) => Go(
        StartStep.Checking,
        document,
        AskAgainOrPark(facts, VirtualMachineOrder.Check, "stays Starting and keeps its devices until that host speaks"));

    private static SetDeadline LookAgain(WorkflowFacts facts) => new(facts.In(facts.Options.CheckInterval));

    /// <summary>Another host was seen to run the virtual machine: that host is asked before this copy goes on.</summary>
    private static Decision Doubt(StartStep step, StartDocument document, WorkflowFacts facts, Sighted sighted) =>
        sighted.HostId == facts.VmHostId
        ? Ignore(step, document, "it is being started there")
        : Go(StartStep.Doubting, document, new Send(sighted.HostId, VirtualMachineOrder.StopIfOff, facts.Options.CommandTimeout));

    private static Decision CleanUp(StartDocument document, WorkflowFacts facts) =>
        Go(StartStep.CleaningUp, document, AskNow(facts, VirtualMachineOrder.ForceStop));

    private static Send CheckDestination(WorkflowFacts facts) =>
        new(facts.VmHostId!.Value, VirtualMachineOrder.Check, facts.Options.CommandTimeout);

    private static Decision GiveWay(StartDocument document, WorkflowFacts facts, string why) => Go(
        StartStep.CleaningUp,
        document with { Cancelled = why, LastFailure = why },
        new Send(facts.VmHostId!.Value, VirtualMachineOrder.ForceStop, facts.Options.CommandTimeout));

    private static Send AskNow(WorkflowFacts facts, VirtualMachineOrder order) =>
        new(facts.AwaitingHostId!.Value, order, facts.Options.CommandTimeout);

    /// <summary>The host is proved not to run it: what is claimed there is released, and the next host is looked for.</summary>
    private static Decision TryAnother(StartDocument document, WorkflowFacts facts, OffEvidence evidence, string failure)
    {
        var after = document with { LastFailure = failure, Tried = document.Tried.SetItem(evidence.HostId, failure) };
        return MayTryAnother(after, facts)
            ? Go(StartStep.Planning, after, new Release(evidence, failure), PlanAnother(after))
            : Fail(after, Giving(after), evidence);
    }

    /// <summary>The host is down: what is claimed there stays claimed, and the next host is looked for.</summary>
    private static Decision Leave(StartDocument document, WorkflowFacts facts, long hostId)
    {
        var failure = $"{facts.AwaitingHostName} was declared down";
        var after = document with { LastFailure = failure, Tried = document.Tried.SetItem(hostId, failure) };
        return MayTryAnother(after, facts)
            ? Go(StartStep.Planning, after, PlanAnother(after))
            : Fail(after, Giving(after));
    }

    private static Plan PlanAnother(StartDocument document) =>
        new(null, new ExcludeList(document.Tried)) { ClusterId = document.ClusterId };

    private static bool MayTryAnother(StartDocument document, WorkflowFacts facts) =>
        document.Cancelled is null && document.HostId is null
        && document.Tried.Count - document.NotReached < facts.Options.StartRetry && facts.Now < facts.JobDeadline;

    /// <summary>The attempt on another host was refused for good: the evidence that led there still counts.</summary>
    private static Decision Retreat(StartStep step, StartDocument document, WorkflowFacts facts, Refused refused) => refused.After switch
    {
        Answered { Observed: Observation.Off } answer when answer.IsUntouched || step == StartStep.CleaningUp =>
            Fail(document, refused.Refusal, EvidenceOf(answer)),
        Undelivered undelivered when step == StartStep.Starting => Fail(document, refused.Refusal, EvidenceOf(undelivered)),
        HostDown => Fail(document, refused.Refusal),
        _ => Go(step, document, LookAgain(facts)),
    };

    private static Decision Fail(StartDocument document, Refusal refusal, params OffEvidence[] evidence) => End(
        document,
        new Transit(VirtualMachineEvent.OperationFailed, null, refusal.Text, evidence),
        new EndJob(refusal));

    /// <summary>
    /// The domain is not this start's, and is not touched. What is claimed there stays claimed until the host says Off, and nothing is
    /// started elsewhere meanwhile.
    /// </summary>
    private static Decision LeaveAlone(StartDocument document, WorkflowFacts facts, Answered answer)
    {
        var refusal = new Refusal(
            RefusalCause.OperationFailed,
            $"{facts.VmName} runs on {answer.HostName} already, without the devices it was to be started with: somebody else started it "
            + "there. It was not touched");
        return End(
            document,
            new Transit(VirtualMachineEvent.OperationFailed, null, refusal.Text),
            new NoteSighting(answer.HostId, answer.Session, answer.Sequence),
            new EndJob(refusal));
    }

    private static Refusal Giving(StartDocument document) => document.Cancelled is { } why ? Cancelled(why) : Failed(document);

    /// <summary>Hosts were free, and did not start the virtual machine: that is no lack of capacity.</summary>
    private static Refusal Failed(StartDocument document, string others = "") => new(
        document.NotReached == document.Tried.Count ? RefusalCause.AgentUnavailable : RefusalCause.OperationFailed,
        $"Unable to start: {string.Join("; ", document.Tried.Values)}{others}");

    private static Refusal Cancelled(string why) => new(RefusalCause.OperationFailed, $"The start was given up: {why}");

    private static Refusal NoHost(StartDocument document, NothingFits nothing) => document.Tried.IsEmpty
        ? new Refusal(RefusalCause.InsufficientCapacity, nothing.Reasons)
        : Failed(document, $". {nothing.Reasons}");

    private static string Failure(Answered answer) => About.Of(answer.HostName, answer.Details ?? $"it is {answer.Observed}");
}
