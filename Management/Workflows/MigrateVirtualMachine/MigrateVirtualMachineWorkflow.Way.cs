using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Deployment;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows.MigrateVirtualMachine;

/// <summary>The way there: a destination, its consent, the migration.</summary>
internal sealed partial class MigrateVirtualMachineWorkflow
{
    private static Decision Begin(MigrateDocument document, WorkflowFacts facts) => facts switch
    {
        { VmState: VirtualMachineState.Running, VmHostId: { } hostId } => Go(
            MigrateStep.Planning,
            document with { Source = new MigrationSide { HostId = hostId }, StepBegan = facts.Now },
            new Plan(document.HostId, ExcludeList.Empty.Add(hostId, $"{facts.VmName} runs there")) { LeavingHostId = hostId }),
        // The workflow that migrated the virtual machine is gone: this workflow only finds out where it is.
        { VmState: VirtualMachineState.Migrating, VmHostId: { } to, MigratingFrom: { } from } => AskSource(
            document with
            {
                Source = new MigrationSide { HostId = from },
                Destination = new MigrationSide { HostId = to },
                WithDevices = true,
            }, facts),
        _ => Refuse(document, facts, "it can be migrated only when it is Running"),
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

    /// <summary>Nothing was changed yet: once the destination says that it has no domain, the migration has failed.</summary>
    private static Decision Prepared(MigrateDocument document, WorkflowFacts facts, Answered answer) => answer switch
    {
        { Result: true, Observed: Observation.Off, MigrationUri: { } uri } => Go(
            MigrateStep.Migrating,
            document with { StepBegan = facts.Now },
            new Send(document.Source.HostId, VirtualMachineOrder.Migrate, facts.Options.CommandTimeout)
            {
                Route = new MigrationRoute(document.Destination.HostId, uri),
            }),
        { Observed: Observation.Off } => Fail(Note(document with { Failure = MigrationText.Failure(answer) }, answer), facts),
        { Observed: Observation.UnderWay, Status: not DomainStatus.Incoming, NotBegun: false } =>
            Ignore(MigrateStep.Preparing, document, FirstCopyAnswers),
        _ => AskDestination(document with { Failure = MigrationText.Failure(answer) }, facts),
    };

    /// <summary>
    /// Only "completed and off" and "not migrated and running" are taken at their word. After anything else, and after a completion without
    /// the devices' cleaning, the workflow asks.
    /// </summary>
    private static Decision Migrated(MigrateDocument document, WorkflowFacts facts, Answered answer)
    {
        if (answer is { Observed: Observation.UnderWay, NotBegun: false })
        {
            var later = document with { Repeats = document.Repeats + 1, MigrateBy = document.MigrateBy ?? facts.AwaitedUntil };
            return Go(MigrateStep.Migrating, later, LookAgain(document, facts));
        }

        var next = document with { RemovedAt = document.RemovedAt ?? FirstRemoval(answer), GuestPlaces = answer.GuestPlaces };
        var failed = next with { Failure = next.Failure ?? MigrationText.Failure(answer) };
        var decision = HostWords.Of(answer) switch
        {
            HostWord.Off when answer is { Result: true, NotBegun: false, HasCleaned: true } => AskDestination(Note(next, answer), facts),
            HostWord.Runs when !answer.Result => AskDestination(failed with { Source = failed.Source.Says(answer) }, facts),
            HostWord.Paused => AskDestination(failed with { Source = failed.Source.Says(answer) }, facts),
            // Asked under another id: a second answer to the MigrateCommand, which has cleaned nothing, does not count as this one's.
            _ => AskSource(failed, facts),
        };
        return decision with { Effects = [.. DeviceEvents(answer), .. decision.Effects] };
    }

    private static SetDeadline LookAgain(MigrateDocument document, WorkflowFacts facts) =>
        new(facts.In(facts.Options.CheckInterval * (1 << Math.Min(document.Repeats, MostDoublings))));

    private static RecordEvent[] DeviceEvents(Answered answer) =>
        answer.DeviceOutcomes.Count == 0 ? [] : [new RecordEvent(MigrationText.Devices(answer))];

    private static DateTimeOffset? FirstRemoval(Answered answer) => answer.DeviceOutcomes
        .Where(device => device.State == HotplugState.Removed)
        .Select(device => (DateTimeOffset?)device.At)
        .Min();

    /// <summary>A job may last as long as its migration. Once the hosts are asked, it has the time of any other job.</summary>
    private static WorkflowFacts Patient(MigrateDocument document, WorkflowFacts facts) =>
        document.AskingSince + facts.Options.JobTimeout is { } later && later > facts.JobDeadline
            ? facts with { JobDeadline = later }
            : facts;

    private static Decision Later(MigrateStep step, MigrateDocument document, WorkflowFacts facts) =>
        Go(step, document, new SetDeadline(facts.In(facts.Options.CheckInterval)));

    private static Refusal GivenUp(string why) => new(RefusalCause.OperationFailed, $"The migration was given up: {why}");
}
