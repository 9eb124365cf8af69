using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows.AttachPciDevices;

/// <summary>
/// Gives a running virtual machine one device more: claims it, and has its host attach it. A device that cannot be attached is released
/// only when the host says that the device is not in the domain, and how it came out of its reset; then another device of its name is
/// tried. A workflow that ends before that leaves the claim: a repair attaches a device that is claimed and not in the domain, or a stop
/// releases it. The virtual machine runs on whatever comes of it.
/// </summary>
/// <remarks>
/// When all goes well:
/// Begin     + Begun             -> Claiming   a device is claimed, in the same transaction;
/// Claiming  + Planned           -> Attaching  its host is sent the AttachPciDevicesCommand;
/// Attaching + Answered Attached -> ended      it is in the domain.
/// </remarks>
internal sealed class AttachPciDevicesWorkflow : WorkflowDefinition<AttachStep, AttachDocument>
{
    private const int MostFailures = 3;
    private const int MostDevices = 3;
    private const string NotAsked = "nothing was sent yet";
    private const string HasBegun = "it has begun";
    private const string FirstCopyAnswers = "the first copy of the command is under way: it answers, or the deadline passes";
    private const string NotACopy = "what runs elsewhere is settled when this has ended";
    private const string DecidedAtOnce = "a claim ends in the transaction that began it";
    private const string Claimed = "the device has been claimed";
    private const string AnswerDecides = "a report is a hint; the answer that is awaited decides";

    public override WorkflowKind Kind => WorkflowKind.AttachPciDevices;

    protected override Decision? Decide(AttachStep step, AttachDocument document, WorkflowFacts facts, WorkflowEvent @event) =>
        (step, @event) switch
        {
            (AttachStep.Begin, Begun or Overdue) => Begin(document, facts),
            (AttachStep.Begin, Refused refused) => End(document, [.. Counted(document), new EndJob(refused.Refusal)]),
            (AttachStep.Begin, Cancel cancel) => Fail(document, facts, cancel.Why),
            (AttachStep.Begin, Planned or NothingFits or Answered or Undelivered or Observed or Sighted or AgentSession or HostDown) =>
                Ignore(step, document, NotAsked),

            (AttachStep.Claiming, Planned { Device: { } device } planned) =>
                SendAttach(document with { Device = device, Told = 0, Failures = 0 }, facts, planned.HostId),
            (AttachStep.Claiming, NothingFits nothing) => End(document, new EndJob(new Refusal(
                document.LastFailure is null ? RefusalCause.InsufficientCapacity : RefusalCause.OperationFailed,
                document.LastFailure is null ? nothing.Reasons : $"{document.LastFailure}. There is no other: {nothing.Reasons}"))),

            (AttachStep.Claiming, Refused) => Ignore(step, document, "a refusal rolls back to the step before the claim"),
            (AttachStep.Claiming, Planned or Begun or Answered or Undelivered or Observed or Sighted or AgentSession or HostDown or Overdue
                or Cancel) =>
                Ignore(step, document, DecidedAtOnce),

            (AttachStep.Attaching, Answered answer) => Hear(document, facts, answer),
            (AttachStep.Attaching, Undelivered undelivered) => NotReached(document, facts, undelivered),
            (AttachStep.Attaching, AgentSession session) =>
                Go(AttachStep.Attaching, document with { Pauses = false }, new SendAgain(session.HostId)),
            (AttachStep.Attaching, Overdue) => facts.Now < facts.JobDeadline
                ? SendAttach(document, facts, facts.AwaitingHostId!.Value)
                : End(document, new EndJob(new Refusal(
                    RefusalCause.OperationTimedOut,
                    $"{facts.AwaitingHostName} does not answer: "
                    + $"{facts.VmName} owns {document.Device}, and gets it when that host speaks"))),

            (AttachStep.Attaching, Refused) => Ignore(step, document, "it has no effect that can be refused"),

            (AttachStep.TakingBack, Answered answer) => TakeBack(document, facts, answer),
            (AttachStep.TakingBack, Undelivered) => AskLater(document, facts),
            (AttachStep.TakingBack, AgentSession session) => Go(AttachStep.TakingBack, document, new SendAgain(session.HostId)),
            (AttachStep.TakingBack, Refused { After: Answered answer } refused) when HasLetGo(document, answer) => End(
                document, Give(document, EvidenceOf(answer)), new EndJob(new Refusal(
                    RefusalCause.OperationFailed, $"{document.LastFailure}. Another could not be claimed: {refused.Refusal.Text}"))),
            (AttachStep.TakingBack, Refused) => AskLater(document, facts),
            (AttachStep.TakingBack, Overdue) => facts.Now < facts.JobDeadline
                ? Go(AttachStep.TakingBack, document, Ask(document, facts))
                : End(document, new EndJob(new Refusal(
                    RefusalCause.OperationTimedOut,
                    $"{document.LastFailure}. {facts.AwaitingHostName} does not answer any more: {facts.VmName} keeps {document.Device}"))),

            (AttachStep.Attaching or AttachStep.TakingBack, HostDown) =>
                Fail(document, facts, $"{facts.AwaitingHostName} was declared down"),
            (AttachStep.Attaching or AttachStep.TakingBack, Cancel cancel) => Fail(document, facts, cancel.Why),
            (AttachStep.Attaching or AttachStep.TakingBack, Observed) => Ignore(step, document, AnswerDecides),
            (AttachStep.Attaching or AttachStep.TakingBack, Sighted) => Ignore(step, document, NotACopy),
            (AttachStep.Attaching or AttachStep.TakingBack, Begun) => Ignore(step, document, HasBegun),
            (AttachStep.Attaching or AttachStep.TakingBack, Planned or NothingFits) => Ignore(step, document, Claimed),
            _ => null,
        };

    private static Decision Begin(AttachDocument document, WorkflowFacts facts) => facts.VmState == VirtualMachineState.Running
        ? Go(
            AttachStep.Claiming,
            document,
            [.. Counted(document), new ClaimPciDevice(facts.VmHostId!.Value, document.Name, document.DeviceId, [])])
        : Refuse(document, facts, "devices can be attached only when it is Running");

    private static IEnumerable<WorkflowEffect> Counted(AttachDocument document) => document.Repair ? [new CountRepair()] : [];

    private static Decision SendAttach(AttachDocument document, WorkflowFacts facts, long hostId) => Go(
        AttachStep.Attaching,
        document with { Told = document.Told + 1, Pauses = false },
        new Send(hostId, VirtualMachineOrder.AttachPciDevices, facts.Options.CommandTimeout) { DeviceIds = [document.Device!.Id] });

    private static Decision Hear(AttachDocument document, WorkflowFacts facts, Answered answer) =>
        (OutcomeOf(document, answer), answer) switch
        {
            ({ State: HotplugState.Attached }, { NotBegun: false }) => End(
                document,
                new NoteAttached(document.Device!.Id, answer.Session, answer.Sequence),
                new EndJob(null)),
            // The guest was asked to let go of the device, and may do so at any moment: nobody can say that the virtual machine has it.
            ({ State: HotplugState.Pending } pending, _) => Fail(document, facts, pending.Reason ?? "its detach is pending"),
            (_, { Observed: Observation.UnderWay, NotBegun: false }) =>
                Ignore(AttachStep.Attaching, document, FirstCopyAnswers),
            _ when document.Pauses => Ignore(AttachStep.Attaching, document, "it has been answered, and is sent again at the deadline"),
            (_, { Observed: Observation.Off }) => Fail(document, facts, $"{facts.VmName} is not on {answer.HostName}"),
            ({ } failed, _) => Failed(document, facts, failed.Reason ?? "it could not be attached"),
            (_, { Observed: Observation.Running }) => Failed(document, facts, answer.Details ?? "it could not be attached"),
            _ => Go(AttachStep.Attaching, document with { Pauses = true }, new SetDeadline(facts.In(facts.Options.CheckInterval))),
        };

    /// <summary>Tries the same device again, later each time; then takes it back.</summary>
    private static Decision Failed(AttachDocument document, WorkflowFacts facts, string why)
    {
        var after = document with
        {
            Failures = document.Failures + 1,
            Pauses = true,
            LastFailure = $"{document.Device} could not be attached: {why}",
        };
        return after.Failures < MostFailures
            ? Go(AttachStep.Attaching, after, new SetDeadline(facts.In(facts.Options.CheckInterval * (1 << document.Failures))))
            : Go(AttachStep.TakingBack, after, Ask(after, facts));
    }

    private static Send Ask(AttachDocument document, WorkflowFacts facts) =>
        new(facts.AwaitingHostId!.Value, VirtualMachineOrder.DetachPciDevices, facts.Options.CommandTimeout)
        {
            DeviceIds = [document.Device!.Id],
        };

    private static Decision AskLater(AttachDocument document, WorkflowFacts facts) =>
        Go(AttachStep.TakingBack, document, new SetDeadline(facts.In(facts.Options.CheckInterval)));

    /// <summary>A command that is known to have reached nobody attached nothing; an earlier command may have.</summary>
    private static Decision NotReached(AttachDocument document, WorkflowFacts facts, Undelivered undelivered) =>
        document is { Told: 1, Device.IsNew: true }
            ? End(document, Give(document, EvidenceOf(undelivered)), new EndJob(new Refusal(
                RefusalCause.AgentUnavailable,
                $"{facts.AwaitingHostName} is not connected: {facts.VmName} was not given {document.Device}")))
            : Go(AttachStep.Attaching, document with { Pauses = true }, new SetDeadline(facts.In(facts.Options.CheckInterval)));

    private static Decision TakeBack(AttachDocument document, WorkflowFacts facts, Answered answer) =>
        (OutcomeOf(document, answer), answer) switch
        {
            _ when HasLetGo(document, answer) => TryAnother(document, facts, answer),
            (_, { Observed: Observation.UnderWay, NotBegun: false }) =>
                Ignore(AttachStep.TakingBack, document, FirstCopyAnswers),
            ({ } kept, _) => Keep(document, facts, kept.Reason ?? kept.State.ToString()),
            (_, { NotBegun: true }) => Keep(document, facts, answer.Details ?? "its host does not say why"),
            _ => AskLater(document, facts),
        };

    /// <summary>The host says that the device is not in the domain: it is released, and another of its name is claimed.</summary>
    private static Decision TryAnother(AttachDocument document, WorkflowFacts facts, Answered answer)
    {
        var after = document with { Tried = document.Tried.Add(document.Device!.Id) };
        var give = Give(document, EvidenceOf(answer));
        return document.Name is { } name && after.Tried.Count < MostDevices && facts.Now < facts.JobDeadline
            ? Go(AttachStep.Claiming, after, give, new ClaimPciDevice(answer.HostId, name, null, after.Tried))
            : End(after, give, new EndJob(new Refusal(RefusalCause.OperationFailed, $"{facts.VmName}: {document.LastFailure}")));
    }

    private static ReleasePciDevice Give(AttachDocument document, OffEvidence evidence) =>
        new(document.Device!.Id, evidence, document.LastFailure ?? "the host was not reached");

    /// <summary>The device could not be attached, and is not known to be out of the domain.</summary>
    private static Decision Keep(AttachDocument document, WorkflowFacts facts, string why) => End(document, new EndJob(new Refusal(
        RefusalCause.OperationFailed, $"{document.LastFailure}. It cannot be taken back either, and {facts.VmName} owns it: {why}")));

    /// <summary>The claim stays.</summary>
    private static Decision Fail(AttachDocument document, WorkflowFacts facts, string why) => End(document, new EndJob(new Refusal(
        RefusalCause.OperationFailed,
        document.Device is null
            ? $"{facts.VmName} was given no device: {why}"
            : $"{facts.VmName} owns {document.Device}, and it was not attached: {why}")));

    private static bool HasLetGo(AttachDocument document, Answered answer) =>
        !answer.NotBegun && OutcomeOf(document, answer)?.State == HotplugState.Removed;

    private static PciDeviceOutcome? OutcomeOf(AttachDocument document, Answered answer) =>
        answer.DeviceOutcomes.FirstOrDefault(outcome => outcome.Address.ToString() == document.Device?.Address);
}
