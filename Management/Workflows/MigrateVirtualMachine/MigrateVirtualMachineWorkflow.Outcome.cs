using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Events;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows.MigrateVirtualMachine;

/// <summary>Finds out where the virtual machine is: hears the source first, then the destination, then decides.</summary>
internal sealed partial class MigrateVirtualMachineWorkflow
{
    /// <summary>A contradiction may stem from answers of different moments: only so many in a row count.</summary>
    private const int UnclearBeforeAlert = 3;

    /// <summary>How often the time between two looks is doubled, at most.</summary>
    private const int MostDoublings = 5;

    /// <summary>Asks the source, and forgets what the destination said before: the source may still have been migrating then.</summary>
    private static Decision AskSource(MigrateDocument document, WorkflowFacts facts) => Go(
        MigrateStep.AskingSource,
        Forget(document) with { StepBegan = facts.Now, AskingSince = document.AskingSince ?? facts.Now },
        new Send(document.Source.HostId, OrderToSource(document), facts.Options.CommandTimeout));

    private static Decision AskDestination(MigrateDocument document, WorkflowFacts facts) => Go(
        MigrateStep.AskingDestination,
        document with
        {
            Destination = document.Destination.Forget(),
            StepBegan = facts.Now,
            AskingSince = document.AskingSince ?? facts.Now,
        },
        new Send(document.Destination.HostId, OrderToDestination(document), facts.Options.CommandTimeout));

    private static VirtualMachineOrder OrderToSource(MigrateDocument document) =>
        document.Forced ? VirtualMachineOrder.ForceStop
            : document.StillMigrates ? VirtualMachineOrder.CancelMigration
            : VirtualMachineOrder.StopIfOff;

    /// <summary>
    /// An incoming domain is removed once the source carries out no migration any more. While the source may have completed the migration,
    /// or says that it has, the destination is only asked.
    /// </summary>
    private static VirtualMachineOrder OrderToDestination(MigrateDocument document) => document switch
    {
        { Forced: true } => VirtualMachineOrder.ForceStop,
        { Source.Word: HostWord.Runs or HostWord.Down } => VirtualMachineOrder.RollBackMigration,
        // The source is off: a domain that is still incoming has nothing left to come from, and does not arrive.
        { Source.Word: HostWord.Off, Unclear: >= UnclearBeforeAlert } => VirtualMachineOrder.RollBackMigration,
        _ => VirtualMachineOrder.StopIfOff,
    };

    private static Decision AskAgain(MigrateStep step, MigrateDocument document, WorkflowFacts facts)
    {
        var (hostId, order) = step switch
        {
            MigrateStep.AskingSource => (document.Source.HostId, OrderToSource(document)),
            MigrateStep.EndingSource => (document.Source.HostId, VirtualMachineOrder.ForceStop),
            _ => (document.Destination.HostId, OrderToDestination(document)),
        };
        return Go(
            step,
            document,
            facts.AwaitingHostId == hostId
                ? AskAgainOrPark(facts, order, "stays Migrating and keeps its devices on both hosts until that host speaks")
                : [new Send(hostId, order, facts.Options.CommandTimeout)]);
    }

    private static Decision HearSource(MigrateStep step, MigrateDocument before, WorkflowFacts facts, Answered answer)
    {
        // The answer may be a second copy of what the other host said before.
        if (answer.HostId != before.Source.HostId) return Ignore(step, before, "it is not about the host that is asked");
        var document = before with { StillMigrates = IsStillMigrating(before, facts, answer) };
        return HostWords.Of(answer) switch
        {
            // A source that has not cleaned its devices is asked again.
            HostWord.Off when IsDone(answer, facts) => Conclude(Note(document, answer), facts),
            HostWord.Runs or HostWord.Paused when step == MigrateStep.AskingSource && !document.Forced =>
                Conclude(document with { Source = document.Source.Says(answer) }, facts),
            _ => Later(step, document, facts),
        };
    }

    private static bool IsStillMigrating(MigrateDocument document, WorkflowFacts facts, Answered answer) =>
        answer is { Observed: Observation.UnderWay, Status: DomainStatus.Running }
            && facts.Now >= document.AskingSince + facts.Options.CommandTimeout;

    private static Decision HearDestination(MigrateDocument document, WorkflowFacts facts, Answered answer)
    {
        if (answer.HostId != document.Destination.HostId)
        {
            return Ignore(MigrateStep.AskingDestination, document, "it is not about the host that is asked");
        }
        return HostWords.Of(answer) switch
        {
            HostWord.Unknown => Later(MigrateStep.AskingDestination, document, facts),
            // As on the source: a host that has not begun the command has cleaned nothing.
            HostWord.Off when answer.NotBegun => Later(MigrateStep.AskingDestination, document, facts),
            HostWord.Off => Conclude(Note(document, answer), facts),
            _ when document.Forced => Later(MigrateStep.AskingDestination, document, facts),
            _ => Conclude(document with { Destination = document.Destination.Says(answer) }, facts),
        };
    }

    /// <summary>Writes down that a host has said Off.</summary>
    private static MigrateDocument Note(MigrateDocument document, Answered answer) => answer.HostId == document.Source.HostId
        ? document with { Source = document.Source.SaysOff(EvidenceOf(answer)) }
        // No domain on the destination had its devices: only a reset that failed before speaks against them.
        : document with
        {
            Destination = document.Destination.SaysOff(EvidenceOf(answer) with { Untouched = answer.Cleaned.All(device => device.Clean) }),
        };

    /// <summary>The one place that decides how a migration ends.</summary>
    private static Decision Conclude(MigrateDocument heard, WorkflowFacts facts)
    {
        var document = heard with { Source = heard.Source.Now(facts), Destination = heard.Destination.Now(facts) };
        MigrationSide[] down = [.. new[] { document.Source, document.Destination }.Where(side => side.Word == HostWord.Down)];
        if (down.Length > 0)
        {
            document = document with { Lost = true, Failure = document.Failure ?? $"{facts.NameOf(down[0].HostId)} was declared down" };
        }

        return (document.Source.Word, document.Destination.Word) switch
        {
            (HostWord.Unknown, _) => AskSource(document, facts),
            (_, HostWord.Unknown) => AskDestination(document, facts),
            (HostWord.Runs, HostWord.Off or HostWord.Down) => Fail(document, facts),
            (HostWord.Off or HostWord.Down, HostWord.Runs) => Succeed(document, facts),
            (HostWord.Off or HostWord.Down, HostWord.Off or HostWord.Down) => FoundOff(document, facts),
            // The destination has just said that the virtual machine runs there: the paused domain on the source is not it.
            (HostWord.Paused, HostWord.Runs) => Go(
                MigrateStep.EndingSource,
                document with { StepBegan = facts.Now },
                new Send(document.Source.HostId, VirtualMachineOrder.ForceStop, facts.Options.CommandTimeout)),
            // There is one domain, and no migration: that domain is the virtual machine, though nobody has resumed it.
            (HostWord.Paused, HostWord.Off or HostWord.Down) when document.Unclear >= UnclearBeforeAlert =>
                Fail(
                    document with
                    {
                        Failure = $"{document.Failure ?? "the destination does not have it"}; it is paused on "
                            + $"{facts.NameOf(document.Source.HostId)}",
                    },
                    facts),
            (HostWord.Off or HostWord.Down, HostWord.Paused) when document.Unclear >= UnclearBeforeAlert => Succeed(document, facts),
            _ => Unclear(document, facts),
        };
    }

    /// <summary>
    /// The virtual machine stays, and gets back what was detached and is not in its domain: the agent may have died before.
    /// </summary>
    private static Decision Fail(MigrateDocument document, WorkflowFacts facts)
    {
        var stay = new Transit(
            VirtualMachineEvent.OperationFailed, document.Source.HostId, WhyNot(document), document.Destination.Evidence);
        if (!document.Source.Lacks) return End(document, stay, new EndJob(FailureOf(document)));
        var back = document with { IsBack = true, GuestPlaces = [], StepBegan = facts.Now, AskingSince = facts.Now };
        return Go(MigrateStep.Attaching, back, stay, Attach(back, facts));
    }

    private static string WhyNot(MigrateDocument document) => document.Failure ?? "the destination does not have it";

    private static Refusal FailureOf(MigrateDocument document) => document.Cancelled is { } cancelled
        ? GivenUp(cancelled)
        : new Refusal(RefusalCause.OperationFailed, $"Unable to migrate: {WhyNot(document)}");

    /// <summary>
    /// The virtual machine runs on neither side. If a host was declared down, it is started again if its offering says so.
    /// </summary>
    private static Decision FoundOff(MigrateDocument document, WorkflowFacts facts)
    {
        var why = $"it was found off on both sides of its migration{(document.Failure is { } failure ? $" ({failure})" : "")}";
        return End(
            document,
            new Transit(
                document is { Lost: true, Forced: false }
                    ? VirtualMachineEvent.AgentReportStopped
                    : VirtualMachineEvent.FollowAgentPowerOffReport,
                null, why, [.. document.Source.Evidence, .. document.Destination.Evidence]),
            new EndJob(document is { Forced: true, Cancelled: { } cancelled }
                ? GivenUp(cancelled)
                : new Refusal(RefusalCause.OperationFailed, $"{facts.VmName} is Stopped: {why}")));
    }

    /// <summary>Nobody knows which side is right: nothing is touched, both hosts are asked again, and the operator is told.</summary>
    private static Decision Unclear(MigrateDocument document, WorkflowFacts facts)
    {
        var text = $"{facts.VmName} is {document.Source.Word} on the source of its migration and {document.Destination.Word} on the "
            + "destination. Nothing is touched, and it keeps its devices on both. Once it runs on one of them and the other has no such "
            + "domain, it goes on by itself; a forced stop ends it on both.";
        var next = document with { Unclear = document.Unclear + 1 };
        var effects = new List<WorkflowEffect>();
        if (next is { Source.Word: HostWord.Runs, Destination.Word: HostWord.Runs } || next.Unclear == UnclearBeforeAlert)
        {
            effects.Add(new RaiseAlert(
                AlertType.VirtualMachineUnsettled, document.Destination.HostId, $"The migration of {facts.VmName} has no clear end", text));
        }

        if (facts.Now >= facts.JobDeadline) effects.Add(new EndJob(new Refusal(RefusalCause.OperationTimedOut, text)));
        effects.Add(new SetDeadline(facts.In(facts.Options.CheckInterval * (1 << Math.Min(document.Unclear, MostDoublings)))));
        return Go(MigrateStep.AskingSource, Forget(next), [.. effects]);
    }

    private static MigrateDocument Forget(MigrateDocument document) =>
        document with { Source = document.Source.Forget(), Destination = document.Destination.Forget() };
}
