namespace PciBus.Management.Workflows.MigrateVirtualMachine;

/// <summary>
/// Claims on the destination, lets the source migrate the virtual machine without its devices, believes only what both hosts say, and
/// attaches. The source's devices stay claimed until it is known where the virtual machine is: they are the way back.
/// </summary>
/// <remarks>
/// When all goes well:
/// Begin             + Begun            -> Planning           a host is planned, in the same transaction;
/// Planning          + Planned          -> Preparing          it is Migrating; what it needs there is claimed, and that host is asked;
/// Preparing         + Answered Off     -> Migrating          the source is sent the MigrateCommand;
/// Migrating         + Answered Off     -> AskingDestination  the destination is asked what it sees;
/// AskingDestination + Answered Running -> Attaching it is Running there, and gets its devices; what it had on the source is released.
/// </remarks>
internal sealed partial class MigrateVirtualMachineWorkflow : WorkflowDefinition<MigrateStep, MigrateDocument>
{
    private const string NotAsked = "nothing was sent yet";
    private const string DecidedAtOnce = "planning ends in the transaction that began it";
    private const string HasBegun = "it has begun, and the plan has been followed";
    private const string AnswerDecides = "a report is a hint; the answer that is awaited decides";
    private const string FirstCopyAnswers = "the first copy of the command is under way: it answers, or the deadline passes";
    private const string BothDecide = "both hosts are asked where it is, and neither is told to end it before that is known";
    private const string IsAsked = "where it runs is asked of both hosts; what runs elsewhere is settled when this has ended";

    public override WorkflowKind Kind => WorkflowKind.MigrateVirtualMachine;

    protected override Decision? Decide(MigrateStep step, MigrateDocument document, WorkflowFacts now, WorkflowEvent @event)
    {
        var facts = Patient(document, now);
        return (step, @event) switch
        {
            (MigrateStep.Begin, Begun or Overdue) => Begin(document, facts),
            (MigrateStep.Begin, Refused refused) => End(document, new EndJob(refused.Refusal)),
            (MigrateStep.Begin, Cancel cancel) => End(document, new EndJob(GivenUp(cancel.Why))),
            (MigrateStep.Begin, Planned or NothingFits or Answered or Undelivered or Observed or Sighted or AgentSession or HostDown) =>
                Ignore(step, document, NotAsked),

            (MigrateStep.Planning, Planned planned) => Prepare(document, facts, planned),
            (MigrateStep.Planning, NothingFits nothing) =>
                End(document, new EndJob(new Refusal(RefusalCause.InsufficientCapacity, nothing.Reasons))),
            (MigrateStep.Planning, Refused) => Ignore(step, document, "a refusal rolls back to the step before planning"),
            (MigrateStep.Planning, Begun or Answered or Undelivered or Observed or Sighted or AgentSession or HostDown or Overdue
                or Cancel) =>
                Ignore(step, document, DecidedAtOnce),

            (MigrateStep.Preparing, Answered answer) => Prepared(document, facts, answer),
            (MigrateStep.Preparing, Undelivered undelivered) => Fail(document with
            {
                Failure = $"{facts.AwaitingHostName} is not connected",
                Destination = document.Destination.SaysOff(EvidenceOf(undelivered)),
            }, facts),
            (MigrateStep.Preparing, AgentSession session) => Go(step, document, new SendAgain(session.HostId)),
            (MigrateStep.Preparing, HostDown) => Conclude(document, facts),
            (MigrateStep.Preparing, Refused) => Later(step, document, facts),
            (MigrateStep.Preparing, Overdue) =>
                AskDestination(document with { Failure = $"{facts.AwaitingHostName} did not answer in time" }, facts),
            (MigrateStep.Preparing, Cancel cancel) => AskDestination(document with { Cancelled = cancel.Why, Failure = cancel.Why }, facts),
            (MigrateStep.Preparing, Observed) => Ignore(step, document, AnswerDecides),
            (MigrateStep.Preparing, Sighted) => Ignore(step, document, IsAsked),
            (MigrateStep.Preparing, Begun or Planned or NothingFits) => Ignore(step, document, HasBegun),

            (MigrateStep.Migrating, Answered answer) => Migrated(document, facts, answer),
            (MigrateStep.Migrating, Undelivered) =>
                AskDestination(document with { Failure = $"{facts.AwaitingHostName} is not connected" }, facts),
            // After a cancellation the agent may not have begun the migration, and must not begin it now.
            (MigrateStep.Migrating, AgentSession) when document.Cancelled is not null => AskSource(document, facts),
            (MigrateStep.Migrating, AgentSession session) => Go(step, document, new SendAgain(session.HostId)),
            (MigrateStep.Migrating, HostDown) => Conclude(document, facts),
            (MigrateStep.Migrating, Refused) => Later(step, document, facts),
            (MigrateStep.Migrating, Overdue) when document.MigrateBy > facts.Now =>
                Go(step, document, new SendAgain(document.Source.HostId), LookAgain(document, facts)),
            (MigrateStep.Migrating, Overdue) => AskSource(document, facts),
            (MigrateStep.Migrating, Cancel cancel) when document.Cancelled is null => Go(
                step,
                document with { Cancelled = cancel.Why, MigrateBy = null },
                new Send(document.Source.HostId, VirtualMachineOrder.CancelMigration, facts.Options.CommandTimeout) { Aside = true },
                new SetDeadline(facts.In(facts.Options.CommandTimeout))),
            (MigrateStep.Migrating, Cancel) => Ignore(step, document, "its source was told already"),
            (MigrateStep.Migrating, Observed) => Ignore(step, document, AnswerDecides),
            (MigrateStep.Migrating, Sighted) => Ignore(step, document, IsAsked),
            (MigrateStep.Migrating, Begun or Planned or NothingFits) => Ignore(step, document, HasBegun),

            (MigrateStep.AskingSource, Answered answer) => HearSource(step, document, facts, answer),
            (MigrateStep.AskingSource, AgentSession) => AskSource(document, facts),
            (MigrateStep.AskingSource, Observed) when facts.IsParked => AskSource(document, facts),
            (MigrateStep.AskingDestination, Answered answer) => HearDestination(document, facts, answer),
            (MigrateStep.AskingDestination, AgentSession) => AskDestination(document, facts),
            (MigrateStep.AskingDestination, Observed) when facts.IsParked => AskDestination(document, facts),
            (MigrateStep.EndingSource, Answered answer) => HearSource(step, document, facts, answer),
            (MigrateStep.EndingSource, AgentSession) => AskSource(document, facts),
            (MigrateStep.EndingSource, Observed) when facts.IsParked => AskSource(document, facts),
            // The three steps in which the hosts are asked where the virtual machine is.
            (MigrateStep.AskingSource or MigrateStep.AskingDestination or MigrateStep.EndingSource, HostDown) => Conclude(document, facts),
            (MigrateStep.AskingSource or MigrateStep.AskingDestination or MigrateStep.EndingSource, Undelivered or Refused) =>
                Later(step, document, facts),
            (MigrateStep.AskingSource or MigrateStep.AskingDestination or MigrateStep.EndingSource, Overdue) =>
                AskAgain(step, document, facts),
            (MigrateStep.AskingSource or MigrateStep.AskingDestination
                or MigrateStep.EndingSource, Cancel { ToEnd: true } cancel) when !document.Forced =>
                AskSource(document with { Forced = true, Cancelled = cancel.Why }, facts),
            (MigrateStep.AskingSource or MigrateStep.AskingDestination or MigrateStep.EndingSource, Cancel) =>
                Ignore(step, document, BothDecide),
            (MigrateStep.AskingSource or MigrateStep.AskingDestination or MigrateStep.EndingSource, Observed) =>
                Ignore(step, document, AnswerDecides),
            (MigrateStep.AskingSource or MigrateStep.AskingDestination or MigrateStep.EndingSource, Sighted) =>
                Ignore(step, document, IsAsked),
            (MigrateStep.AskingSource or MigrateStep.AskingDestination or MigrateStep.EndingSource, Begun or Planned or NothingFits) =>
                Ignore(step, document, HasBegun),

            (MigrateStep.Attaching, _) => WhileAttaching(document, facts, @event),
            _ => null,
        };
    }
}
