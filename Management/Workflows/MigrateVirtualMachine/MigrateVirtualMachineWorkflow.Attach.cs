using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Events;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows.MigrateVirtualMachine;

/// <summary>
/// It is known where the virtual machine runs, mostly on the destination. It gets its devices there: first the same again, then others of
/// the same names, then it does without. It is never stopped for a device's sake.
/// </summary>
internal sealed partial class MigrateVirtualMachineWorkflow
{
    private const int MostAttaches = 3;

    private static Decision Succeed(MigrateDocument document, WorkflowFacts facts)
    {
        var arrive = new Transit(VirtualMachineEvent.OperationSucceeded, document.Destination.HostId, "migrated", document.Source.Evidence);
        return document.WithDevices
            ? Go(MigrateStep.Attaching, document with { StepBegan = facts.Now, AskingSince = facts.Now }, arrive, Attach(document, facts))
            : End(document, arrive, new EndJob(null));
    }

    private static Decision? WhileAttaching(MigrateDocument document, WorkflowFacts facts, WorkflowEvent @event) => @event switch
    {
        Answered { Result: true } answer => Finish(
            document, facts, [new RecordEvent(string.Join("; ", [MigrationText.Devices(answer), .. Absence(answer, document)]))]),
        Answered { Observed: Observation.Off } answer => End(document, new EndJob(document.IsBack
            ? FailureOf(document)
            : new Refusal(RefusalCause.OperationFailed, $"{facts.VmName} was migrated to {answer.HostName}, and is not there any more"))),
        Answered { Observed: Observation.UnderWay, NotBegun: false } => Ignore(MigrateStep.Attaching, document, FirstCopyAnswers),
        Answered when document.Pauses => Ignore(MigrateStep.Attaching, document, "it has been answered, and is sent again at the deadline"),
        // Nothing was tried, so no device is to blame. The devices that are missing are repaired when the host is well again.
        Answered { NotBegun: true } answer when facts.Now >= facts.JobDeadline =>
            Finish(document with { Missing = document.Missing ?? MigrationText.Failure(answer) }, facts, []),
        Answered { NotBegun: false, Observed: Observation.Running } answer => TryOtherwise(document, facts, answer),
        Answered or Undelivered or Refused => TellLater(document, facts),
        Planned planned => Go(MigrateStep.Attaching, document with { Missing = planned.Missing, Pauses = false }, Attach(document, facts)),
        NothingFits nothing => Finish(document with { Missing = nothing.Reasons }, facts, []),
        Overdue => Go(
            MigrateStep.Attaching,
            document with { Pauses = false },
            AskAgainOrPark(facts, VirtualMachineOrder.AttachPciDevices, "runs there, and its devices are attached when that host speaks")),
        AgentSession => Go(MigrateStep.Attaching, document with { Pauses = false }, Attach(document, facts)),
        Observed => facts.IsParked
            ? Go(MigrateStep.Attaching, document with { Pauses = false }, Attach(document, facts))
            : Ignore(MigrateStep.Attaching, document, AnswerDecides),
        HostDown => End(
            document,
            new Transit(VirtualMachineEvent.AgentReportStopped, null, $"{facts.AwaitingHostName} was declared down"),
            new EndJob(document.IsBack
                ? FailureOf(document)
                : new Refusal(
                    RefusalCause.OperationFailed,
                    $"{facts.AwaitingHostName} was declared down after {facts.VmName} had been migrated there"))),
        Begun => Ignore(MigrateStep.Attaching, document, HasBegun),
        Sighted => Ignore(MigrateStep.Attaching, document, "it runs here; what runs elsewhere is settled when this has ended"),
        Cancel when document.IsBack => End(document, new EndJob(FailureOf(document))),
        Cancel cancel => End(document, new EndJob(null)
        {
            Remark = $"{facts.VmName} was migrated; that its devices are attached was not waited for: {cancel.Why}",
        }),
        _ => null,
    };

    private static Send Attach(MigrateDocument document, WorkflowFacts facts) =>
        new(RunsOn(document), VirtualMachineOrder.AttachPciDevices, facts.Options.CommandTimeout) { GuestPlaces = document.GuestPlaces };

    private static long RunsOn(MigrateDocument document) => document.IsBack ? document.Source.HostId : document.Destination.HostId;

    private static Decision TellLater(MigrateDocument document, WorkflowFacts facts) =>
        Later(MigrateStep.Attaching, document with { Pauses = true }, facts);

    private static Decision TryOtherwise(MigrateDocument document, WorkflowFacts facts, Answered answer)
    {
        var next = document with { Attaches = document.Attaches + 1 };
        if (next.Attaches < MostAttaches) return TellLater(next, facts);
        // Only devices that certainly are not in the domain, and will not be, are taken from the virtual machine.
        var failed = answer.DeviceOutcomes
            .Where(device => device.State == HotplugState.Failed && answer.PciDevices?.Contains(device.Address) == false)
            .ToDictionary(device => device.Address, device => device.Reason ?? answer.Details ?? "it could not be attached");
        if (failed.Count == 0) return Finish(document with { Missing = document.Missing ?? MigrationText.Failure(answer) }, facts, []);
        return Go(
            MigrateStep.Attaching,
            next with { Attaches = 0, Exchanged = true },
            new RecordEvent(MigrationText.Devices(answer)) { Level = EventLevel.WARN },
            new SetDeadline(facts.In(facts.Options.CheckInterval)),
            new ExchangeDevices(RunsOn(document), EvidenceOf(answer), failed) { Replace = !document.Exchanged });
    }

    private static Decision Finish(MigrateDocument document, WorkflowFacts facts, WorkflowEffect[] told)
    {
        var failure = document.IsBack ? FailureOf(document) : null;
        if (document.Missing is not { } missing) return End(document, [.. told, new EndJob(failure)]);
        var text = $"{facts.VmName} {(document.IsBack ? "stays" : "was migrated")} and runs without all of its devices: {missing}";
        return End(
            document,
            [
                .. told,
                new JudgePciDevices(),
                new RecordEvent(text) { Level = EventLevel.WARN },
                new EndJob(failure) { Remark = text },
            ]);
    }

    private static string[] Absence(Answered answer, MigrateDocument document) =>
        MigrationText.Absence(answer, document.RemovedAt) is { } absence ? [absence] : [];
}
