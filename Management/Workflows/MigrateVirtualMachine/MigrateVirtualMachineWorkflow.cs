using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Deployment;
using PciBus.Management.VirtualMachines;
using Decision = PciBus.Management.Workflows.WorkflowDecision<
    PciBus.Management.Workflows.MigrateVirtualMachine.MigrateStep, PciBus.Management.Workflows.MigrateVirtualMachine.MigrateDocument>;

namespace PciBus.Management.Workflows.MigrateVirtualMachine;

/// <summary>
/// Claim on the destination, let the source migrate it without its devices, believe only what both sides say, attach. The
/// source's devices stay claimed until it is known where the virtual machine is: they are the way back.
/// </summary>
internal sealed partial class MigrateVirtualMachineWorkflow : WorkflowDefinition<MigrateStep, MigrateDocument>
{
    private const string DecidedAtOnce = "planning ends in the transaction that began it";
    private const string NotAsked = "nothing was sent yet";
    private const string AnswerDecides = "a report is a hint; the answer that is awaited decides";
    private const string Followed = "the plan has been followed";
    private const string FirstCopyAnswers = "the first copy of the command is under way: it answers, or the deadline passes";
    private const string BothDecide = "both hosts are asked where it is, and neither is told to end it before that is known";

    public override WorkflowKind Kind => WorkflowKind.MigrateVirtualMachine;

    protected override IReadOnlyDictionary<(MigrateStep Step, WorkflowEventKind Event), string> IgnoredPairs { get; } =
        new Dictionary<(MigrateStep, WorkflowEventKind), string>
        {
            [(MigrateStep.Begin, WorkflowEventKind.Planned)] = NotAsked,
            [(MigrateStep.Begin, WorkflowEventKind.NothingFits)] = NotAsked,
            [(MigrateStep.Begin, WorkflowEventKind.Answered)] = NotAsked,
            [(MigrateStep.Begin, WorkflowEventKind.Undelivered)] = NotAsked,
            [(MigrateStep.Begin, WorkflowEventKind.Observed)] = NotAsked,
            [(MigrateStep.Begin, WorkflowEventKind.AgentSession)] = NotAsked,
            [(MigrateStep.Begin, WorkflowEventKind.HostDown)] = NotAsked,
            [(MigrateStep.Planning, WorkflowEventKind.Begun)] = DecidedAtOnce,
            [(MigrateStep.Planning, WorkflowEventKind.Answered)] = DecidedAtOnce,
            [(MigrateStep.Planning, WorkflowEventKind.Undelivered)] = DecidedAtOnce,
            [(MigrateStep.Planning, WorkflowEventKind.Observed)] = DecidedAtOnce,
            [(MigrateStep.Planning, WorkflowEventKind.AgentSession)] = DecidedAtOnce,
            [(MigrateStep.Planning, WorkflowEventKind.HostDown)] = DecidedAtOnce,
            [(MigrateStep.Planning, WorkflowEventKind.Refused)] = "a refusal rolls back to the step before planning",
            [(MigrateStep.Planning, WorkflowEventKind.Overdue)] = DecidedAtOnce,
            [(MigrateStep.Planning, WorkflowEventKind.Cancel)] = DecidedAtOnce,
            [(MigrateStep.Preparing, WorkflowEventKind.Begun)] = "it has begun",
            [(MigrateStep.Preparing, WorkflowEventKind.Planned)] = Followed,
            [(MigrateStep.Preparing, WorkflowEventKind.NothingFits)] = Followed,
            [(MigrateStep.Preparing, WorkflowEventKind.Observed)] = AnswerDecides,
            [(MigrateStep.Migrating, WorkflowEventKind.Begun)] = "it has begun",
            [(MigrateStep.Migrating, WorkflowEventKind.Planned)] = Followed,
            [(MigrateStep.Migrating, WorkflowEventKind.NothingFits)] = Followed,
            [(MigrateStep.Migrating, WorkflowEventKind.Observed)] = AnswerDecides,
            [(MigrateStep.AskingSource, WorkflowEventKind.Begun)] = "it has begun",
            [(MigrateStep.AskingSource, WorkflowEventKind.Planned)] = Followed,
            [(MigrateStep.AskingSource, WorkflowEventKind.NothingFits)] = Followed,
            [(MigrateStep.AskingDestination, WorkflowEventKind.Begun)] = "it has begun",
            [(MigrateStep.AskingDestination, WorkflowEventKind.Planned)] = Followed,
            [(MigrateStep.AskingDestination, WorkflowEventKind.NothingFits)] = Followed,
            [(MigrateStep.EndingSource, WorkflowEventKind.Begun)] = "it has begun",
            [(MigrateStep.EndingSource, WorkflowEventKind.Planned)] = Followed,
            [(MigrateStep.EndingSource, WorkflowEventKind.NothingFits)] = Followed,
            [(MigrateStep.Attaching, WorkflowEventKind.Begun)] = "it has begun",
        };

    protected override Decision? Decide(MigrateStep step, MigrateDocument document, WorkflowFacts facts, WorkflowEvent @event) => step switch
    {
        MigrateStep.Begin or MigrateStep.Planning => Choose(step, document, facts, @event),
        MigrateStep.Attaching => WhileAttaching(document, Patient(document, facts), @event),
        _ => OnTheWay(step, document, Patient(document, facts), @event),
    };

    private static Decision? Choose(MigrateStep step, MigrateDocument document, WorkflowFacts facts, WorkflowEvent @event) => (step, @event) switch
    {
        (MigrateStep.Begin, Begun or Overdue) => Begin(document, facts),
        (MigrateStep.Begin, Refused refused) => End(document, new EndJob(refused.Refusal)),
        (MigrateStep.Begin, Cancel cancel) => End(document, new EndJob(GivenUp(cancel.Why))),
        (MigrateStep.Planning, Planned planned) => Prepare(document, facts, planned),
        (MigrateStep.Planning, NothingFits nothing) => End(document, new EndJob(new Refusal(RefusalCause.InsufficientCapacity, nothing.Reasons))),
        _ => null,
    };

    private static Decision? OnTheWay(MigrateStep step, MigrateDocument document, WorkflowFacts facts, WorkflowEvent @event) =>
        (step, @event) switch
        {
            (_, HostDown) => Conclude(document, facts),
            (_, Refused) => Later(step, document, facts),

            (MigrateStep.Preparing, Answered answer) => Prepared(document, facts, answer),
            (MigrateStep.Preparing, Undelivered undelivered) => Fail(
                document with { Failure = $"{facts.AwaitingHostName} is not connected", Destination = document.Destination.SaysOff(EvidenceOf(undelivered)) }),
            (MigrateStep.Preparing, AgentSession) => Go(step, document, new SendAgain()),
            (MigrateStep.Preparing, Overdue) => AskDestination(document with { Failure = $"{facts.AwaitingHostName} did not answer in time" }, facts),
            (MigrateStep.Preparing, Cancel cancel) => AskDestination(document with { Cancelled = cancel.Why, Failure = cancel.Why }, facts),

            (MigrateStep.Migrating, Answered answer) => Migrated(document, facts, answer),
            (MigrateStep.Migrating, Undelivered) => AskDestination(document with { Failure = $"{facts.AwaitingHostName} is not connected" }, facts),
            // After a cancellation the agent may not have begun it, and must not begin it now.
            (MigrateStep.Migrating, AgentSession) => document.Cancelled is null ? Go(step, document, new SendAgain()) : AskSource(document, facts),
            (MigrateStep.Migrating, Overdue) => AskSource(document, facts),
            (MigrateStep.Migrating, Cancel cancel) => document.Cancelled is null
                ? Go(
                    step,
                    document with { Cancelled = cancel.Why },
                    new Send(document.Source.HostId, VirtualMachineOrder.CancelMigration, facts.Options.CommandTimeout) { Aside = true },
                    new SetDeadline(facts.In(facts.Options.CommandTimeout)))
                : Stay(step, document, "its source was told already"),
            (MigrateStep.AskingSource or MigrateStep.AskingDestination or MigrateStep.EndingSource, Cancel cancel) => Force(step, document, facts, cancel),

            (MigrateStep.AskingSource, Answered answer) => HearSource(step, document, facts, answer),
            (MigrateStep.AskingDestination, Answered answer) => HearDestination(document, facts, answer),
            (MigrateStep.EndingSource, Answered answer) => HearSource(step, document, facts, answer),
            (MigrateStep.AskingSource or MigrateStep.AskingDestination or MigrateStep.EndingSource, Undelivered) => Later(step, document, facts),
            (MigrateStep.AskingSource or MigrateStep.AskingDestination or MigrateStep.EndingSource, Overdue) => AskAgain(step, document, facts),
            (MigrateStep.AskingSource or MigrateStep.EndingSource, AgentSession) => AskSource(document, facts),
            (MigrateStep.AskingDestination, AgentSession) => AskDestination(document, facts),
            (MigrateStep.AskingSource or MigrateStep.AskingDestination or MigrateStep.EndingSource, Observed) => facts.IsParked
                ? step == MigrateStep.AskingDestination ? AskDestination(document, facts) : AskSource(document, facts)
                : Stay(step, document, AnswerDecides),
            _ => null,
        };

    private static Decision Begin(MigrateDocument document, WorkflowFacts facts) => facts switch
    {
        { VmState: VirtualMachineState.Running, VmHostId: { } hostId } => Go(
            MigrateStep.Planning,
            document with { Source = new MigrationSide { HostId = hostId }, StepBegan = facts.Now },
            new Plan(document.HostId, ExcludeList.Empty.Add(hostId, $"{facts.VmName} runs there")) { LeavingHostId = hostId }),
        // The workflow that migrated it is gone: it is only found out where it is.
        { VmState: VirtualMachineState.Migrating, VmHostId: { } to, MigratingFrom: { } from } => AskSource(
            document with { Source = new MigrationSide { HostId = from }, Destination = new MigrationSide { HostId = to }, WithDevices = true }, facts),
        _ => End(document, new EndJob(new Refusal(
            RefusalCause.InvalidParameter, $"{facts.VmName} is {facts.VmState}, it can be migrated only when it is Running"))),
    };

    private static Decision Prepare(MigrateDocument document, WorkflowFacts facts, Planned planned) => Go(
        MigrateStep.Preparing,
        document with
        {
            Source = document.Source.Says(HostWord.Runs, facts.SessionOf(document.Source.HostId)),
            Destination = new MigrationSide { HostId = planned.HostId },
            WithDevices = planned.WithDevices,
            StepBegan = facts.Now,
        },
        new Transit(VirtualMachineEvent.MigrationRequested, planned.HostId, "migration"),
        new Send(planned.HostId, VirtualMachineOrder.PrepareMigration, facts.Options.CommandTimeout));

    /// <summary>Nothing was changed yet, on either side: with the destination's word that there is nothing, it has failed.</summary>
    private static Decision Prepared(MigrateDocument document, WorkflowFacts facts, Answered answer) => answer switch
    {
        { Result: true, Observed: Observation.Off, MigrationUri: { } uri } => Go(
            MigrateStep.Migrating,
            document with { StepBegan = facts.Now },
            new Send(document.Source.HostId, VirtualMachineOrder.Migrate, facts.Options.CommandTimeout) { Route = new MigrationRoute(document.Destination.HostId, uri) }),
        { Observed: Observation.Off } => Fail(Note(document with { Failure = MigrationStory.Failure(answer) }, answer)),
        { Observed: Observation.UnderWay, Status: not DomainStatus.Incoming, NotBegun: false } => Stay(MigrateStep.Preparing, document, FirstCopyAnswers),
        _ => AskDestination(document with { Failure = MigrationStory.Failure(answer) }, facts),
    };

    /// <summary>
    /// Only "completed and off" and "not migrated and running" are what they seem; anything else, and a completion without the
    /// devices' cleaning, is asked for.
    /// </summary>
    private static Decision Migrated(MigrateDocument document, WorkflowFacts facts, Answered answer)
    {
        if (answer is { Observed: Observation.UnderWay, NotBegun: false }) return Stay(MigrateStep.Migrating, document, FirstCopyAnswers);
        var next = document with { RemovedAt = document.RemovedAt ?? FirstRemoval(answer) };
        var failed = next with { Failure = next.Failure ?? MigrationStory.Failure(answer) };
        var decision = HostWords.Of(answer) switch
        {
            HostWord.Off when answer is { Result: true, NotBegun: false } => AskDestination(Note(next, answer), facts),
            HostWord.Runs when !answer.Result => AskDestination(failed with { Source = failed.Source.Says(HostWord.Runs, answer.Session) }, facts),
            HostWord.Paused => AskDestination(failed with { Source = failed.Source.Says(HostWord.Paused, answer.Session) }, facts),
            // Asked at once, under another id: a second answer to this command, which has cleaned nothing, is not heard as that one's.
            _ => AskSource(failed, facts),
        };
        return decision with { Effects = [.. Told(answer), .. decision.Effects] };
    }

    private static Tell[] Told(Answered answer) => answer.DeviceOutcomes.Count == 0 ? [] : [new Tell(MigrationStory.Devices(answer))];

    private static DateTimeOffset? FirstRemoval(Answered answer) => answer.DeviceOutcomes
        .Where(device => device.State == HotplugState.Removed)
        .Select(device => (DateTimeOffset?)device.At)
        .Min();

    /// <summary>A job may last as long as its migration does; from then on it has the time of any other.</summary>
    private static WorkflowFacts Patient(MigrateDocument document, WorkflowFacts facts) =>
        document.AskingSince + facts.Options.JobTimeout is { } later && later > facts.JobDeadline ? facts with { JobDeadline = later } : facts;

    private static Decision Later(MigrateStep step, MigrateDocument document, WorkflowFacts facts) =>
        Go(step, document, new SetDeadline(facts.In(facts.Options.CheckInterval)));

    private static Refusal GivenUp(string why) => new(RefusalCause.OperationFailed, $"The migration was given up: {why}");
}
