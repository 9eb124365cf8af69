using PciBus.Contracts.VirtualMachines;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows.StopVirtualMachine;

/// <summary>
/// Stop on the host, release on its word. What comes after the stop is the difference between stopping and destroying.
/// </summary>
/// <remarks>
/// When all goes well:
/// Begin    + Begun        -> Stopping  the virtual machine is Stopping, and its host is sent the StopCommand;
/// Stopping + Answered Off -> ended     the virtual machine is Stopped, what it had there is released, and the job has succeeded.
/// </remarks>
internal abstract class StoppingWorkflow : WorkflowDefinition<StopStep, StopDocument>
{
    private const string NoPlan = "a stop plans nothing";
    private const string NotStarted = "a stop starts no copy; what runs elsewhere is settled when it has ended";

    protected override Decision? Decide(StopStep step, StopDocument document, WorkflowFacts facts, WorkflowEvent @event) =>
        (step, @event) switch
        {
            (StopStep.Begin, Begun or Overdue) => Begin(document, facts),
            (StopStep.Begin, Refused refused) => End(document, new EndJob(refused.Refusal)),
            (StopStep.Begin, Cancel) => Ignore(step, document, "what cancels it wants a stop as well, and comes next"),
            (StopStep.Begin, Answered or Undelivered or Observed or AgentSession or HostDown) =>
                Ignore(step, document, "nothing was sent yet"),
            (StopStep.Begin, Planned or NothingFits) => Ignore(step, document, NoPlan),
            (StopStep.Begin, Sighted) => Ignore(step, document, NotStarted),

            // A host that has cleaned nothing is asked again.
            (StopStep.Stopping, Answered answer) when IsDone(answer, facts) => Finish(
                document, new Transit(VirtualMachineEvent.OperationSucceeded, null, "stopped", EvidenceOf(answer))),
            (StopStep.Stopping, Answered { Observed: Observation.Running, Result: false, NotBegun: false } answer)
                when !document.Forced => GiveUp(document, facts, answer),
            (StopStep.Stopping, Answered or Undelivered or Refused) =>
                Go(StopStep.Stopping, document, new SetDeadline(facts.In(facts.Options.CheckInterval))),
            (StopStep.Stopping, Observed) when facts.IsParked => Go(StopStep.Stopping, document, AskNow(document, facts)),
            (StopStep.Stopping, AgentSession) => Go(StopStep.Stopping, document, AskNow(document, facts)),
            (StopStep.Stopping, HostDown) => Finish(
                document, new Transit(VirtualMachineEvent.AgentReportStopped, null, $"{facts.AwaitingHostName} was declared down")),
            (StopStep.Stopping, Overdue) => Go(
                StopStep.Stopping,
                document,
                AskAgainOrPark(facts, Order(document), "stays Stopping and keeps its devices until that host says it is off")),
            (StopStep.Stopping, Cancel) when !document.Forced =>
                Go(StopStep.Stopping, document with { Forced = true }, AskNow(document with { Forced = true }, facts)),
            (StopStep.Stopping, Cancel) => Ignore(step, document, "the domain is being destroyed already"),
            (StopStep.Stopping, Observed) => Ignore(step, document, "a report is a hint; the answer that is awaited decides"),
            (StopStep.Stopping, Begun) => Ignore(step, document, "it has begun"),
            (StopStep.Stopping, Planned or NothingFits) => Ignore(step, document, NoPlan),
            (StopStep.Stopping, Sighted) => Ignore(step, document, NotStarted),
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
        // A caller who wants the virtual machine off does not want it started again.
        VirtualMachineState.Stopped => Finish(document, new Transit(VirtualMachineEvent.StopRequested, null, "stop")),
        VirtualMachineState.Destroyed or VirtualMachineState.Error when document.Expunge => End(
            document, new Transit(VirtualMachineEvent.ExpungeOperation, null, "expunged"), new EndJob(null)),
        _ => Refuse(document, facts, $"it cannot be {(document.Destroy ? "destroyed" : "stopped")}"),
    };

    private Decision Finish(StopDocument document, params WorkflowEffect[] stopped) =>
        End(document, [.. stopped, .. AfterStop(document), new EndJob(null)]);

    private static Decision GiveUp(StopDocument document, WorkflowFacts facts, Answered answer) => End(
        document,
        new Transit(VirtualMachineEvent.OperationFailed, facts.VmHostId, "it does not stop"),
        new EndJob(new Refusal(
            RefusalCause.OperationFailed,
            WhyDeaf(answer, facts) is { } why
                ? $"{facts.VmName} was not stopped: {why}"
                : $"{facts.VmName} still runs on {answer.HostName}: {answer.Details ?? "the guest did not shut down"}; forced=true "
                    + "destroys it")));

    private static Send AskNow(StopDocument document, WorkflowFacts facts) =>
        new(facts.AwaitingHostId!.Value, Order(document), Patience(document, facts));

    private static VirtualMachineOrder Order(StopDocument document) =>
        document.Forced || document.Destroy ? VirtualMachineOrder.ForceStop : VirtualMachineOrder.Stop;

    private static TimeSpan Patience(StopDocument document, WorkflowFacts facts) => Order(document) == VirtualMachineOrder.Stop
        ? facts.Options.StopTimeout + TimeSpan.FromSeconds(30)
        : facts.Options.CommandTimeout;
}

internal enum StopStep
{
    Begin,

    /// <summary>The host was told to stop it.</summary>
    Stopping,
}

/// <summary>What a stop, or the stop before a destruction, has to do.</summary>
internal sealed record StopDocument
{
    /// <summary>Destroy the domain instead of asking the guest. It never means "assume it is off".</summary>
    public bool Forced { get; init; }

    /// <summary>After the stop the virtual machine is destroyed.</summary>
    public bool Destroy { get; init; }

    /// <summary>After its destruction it is expunged.</summary>
    public bool Expunge { get; init; }
}
