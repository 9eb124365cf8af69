using Newtonsoft.Json;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Persistence;

namespace PciBus.Management.Workflows;

/// <summary>A workflow with typed steps and document.</summary>
internal abstract class WorkflowDefinition<TStep, TDocument> : IWorkflowDefinition where TStep : struct, Enum
{
    public abstract WorkflowKind Kind { get; }

    public string FirstStep => Enum.GetNames<TStep>()[0];

    public IReadOnlyList<string> Steps => Enum.GetNames<TStep>();

    public WorkflowDecision Decide(string step, string document, WorkflowFacts facts, WorkflowEvent @event)
    {
        var typed = Decide(Enum.Parse<TStep>(step), JsonConvert.DeserializeObject<TDocument>(document)!, facts, @event)
            ?? throw new UnhandledWorkflowEventException(Kind, step, @event.Kind);
        return new WorkflowDecision(
            typed.Next?.ToString(), JsonConvert.SerializeObject(typed.Document), typed.Effects, typed.IgnoredBecause);
    }

    /// <summary>The table: step by step what each event does, and last which events do nothing there, and why that is right.</summary>
    /// <returns>Null for a pair that is not in the table: a bug that the matrix finds.</returns>
    protected abstract Decision? Decide(TStep step, TDocument document, WorkflowFacts facts, WorkflowEvent @event);

    protected static Decision Go(TStep step, TDocument document, params WorkflowEffect[] effects) =>
        new(step, document, effects);

    protected static Decision End(TDocument document, params WorkflowEffect[] effects) => new(null, document, effects);

    /// <summary>Ends what cannot be done to the virtual machine in its state.</summary>
    /// <param name="possible">What follows its name and its state, e.g. "it can be started only when it is Stopped".</param>
    protected static Decision Refuse(TDocument document, WorkflowFacts facts, string possible) =>
        End(document, new EndJob(Refusal.InvalidParameter($"{facts.VmName} is {facts.VmState}, {possible}")));

    protected static Decision Ignore(TStep step, TDocument document, string why) =>
        new(step, document, []) { IgnoredBecause = why };

    /// <summary>
    /// Asks the awaited host once more; after the job's deadline the job ends, naming the host, and the workflow is parked
    /// until the host speaks.
    /// </summary>
    protected static WorkflowEffect[] AskAgainOrPark(WorkflowFacts facts, VirtualMachineOrder order, string waitsFor)
    {
        var hostId = facts.AwaitingHostId!.Value;
        if (facts.Now < facts.JobDeadline) return [new Send(hostId, order, facts.Options.CommandTimeout)];
        var text = $"{facts.AwaitingHostName} does not answer: {facts.VmName} {waitsFor}";
        return
        [
            new EndJob(new Refusal(RefusalCause.OperationTimedOut, text) { HostId = hostId }),
            new RaiseAlert(Events.AlertType.WaitingForHost, hostId, $"{facts.VmName} waits for {facts.AwaitingHostName}", text),
            new SetDeadline(null),
        ];
    }

    /// <summary>
    /// Whether a host has said that the virtual machine is off, and has cleaned its devices. A host that has not is asked again until the
    /// job's deadline: from then on a device that nobody has cleaned is quarantined.
    /// </summary>
    protected static bool IsDone(Answered answer, WorkflowFacts facts) =>
        answer is { Observed: Observation.Off, NotBegun: false } && (answer.HasCleaned || facts.Now >= facts.JobDeadline);

    /// <summary>Why a guest hears nothing, and what helps. Null when its domain runs, or nobody says.</summary>
    protected static string? WhyDeaf(Answered answer, WorkflowFacts facts) => answer switch
    {
        { Observed: Observation.Running, Status: DomainStatus.Paused } =>
            $"{facts.VmName} is paused on {answer.HostName}, and its guest hears nothing. Let it go on there (virsh resume), or stop it "
            + "with forced=true",
        { Observed: Observation.Running, Status: DomainStatus.Crashed } =>
            $"the guest of {facts.VmName} has crashed on {answer.HostName}, and hears nothing. Stop it with forced=true",
        _ => null,
    };

    protected static VirtualMachines.OffEvidence EvidenceOf(Answered answer) => new(
        answer.HostId, answer.Session, answer.Sequence, answer.IsUntouched, answer.Cleaned);

    protected static VirtualMachines.OffEvidence EvidenceOf(Undelivered undelivered) => new(undelivered.HostId, 0, 0, true, []);

    /// <summary>What a workflow does about an event.</summary>
    /// <param name="Next">The step after the decision; null when the workflow has ended.</param>
    /// <param name="Document">What has been done so far.</param>
    /// <param name="Effects">What is to be done now, in this order.</param>
    protected sealed record Decision(TStep? Next, TDocument Document, IReadOnlyList<WorkflowEffect> Effects)
    {
        /// <summary>Why nothing is done; null when something is.</summary>
        public string? IgnoredBecause { get; init; }
    }
}

/// <summary>One kind of workflow, as the runner sees it.</summary>
internal interface IWorkflowDefinition
{
    WorkflowKind Kind { get; }

    /// <summary>The step every workflow of the kind begins in.</summary>
    string FirstStep { get; }

    /// <summary>All steps, for the matrix of the tests.</summary>
    IReadOnlyList<string> Steps { get; }

    /// <summary>Pure: the same arguments always give the same decision.</summary>
    /// <exception cref="UnhandledWorkflowEventException">The pair of step and event is neither handled nor ignored.</exception>
    WorkflowDecision Decide(string step, string document, WorkflowFacts facts, WorkflowEvent @event);
}

/// <summary>All kinds of workflows.</summary>
internal sealed class WorkflowDefinitions(IEnumerable<IWorkflowDefinition> definitions, WorkflowOptions options)
{
    private readonly Dictionary<WorkflowKind, IWorkflowDefinition> _byKind = definitions.ToDictionary(one => one.Kind);

    public WorkflowOptions Options { get; } = options;

    /// <exception cref="InvalidOperationException">Only a server of a newer version knows the kind, and takes it further.</exception>
    public IWorkflowDefinition this[WorkflowKind kind] => _byKind.GetValueOrDefault(kind)
        ?? throw new InvalidOperationException(
            $"This version knows no workflow {StoredNames.Of(kind)}: a server of a newer one takes it further");
}

/// <summary>A bug: a workflow met an event that its table neither handles nor ignores.</summary>
internal sealed class UnhandledWorkflowEventException(WorkflowKind kind, string step, WorkflowEventKind @event)
    : InvalidOperationException($"{kind} in step {step} has no answer to {@event}");
