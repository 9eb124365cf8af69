using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.MigrateVirtualMachine;
using Xunit;
using static PciBus.Tests.Workflows.WorkflowSamples;

namespace PciBus.Tests.Workflows;

public sealed class MigrateVirtualMachineTests
{
    private const long SourceId = OtherHostId;

    private static readonly HostFacts Source = new(SourceId, "kvm0", 5, IsDown: false);
    private static readonly HostFacts Destination = new(HostId, "kvm1", 3, IsDown: false);
    private static readonly OffEvidence SourceOff = new(SourceId, 5, 20, false, [Cleaned]);

    private static readonly MigrateDocument Document = new()
    {
        Source = new MigrationSide { HostId = SourceId },
        Destination = new MigrationSide { HostId = HostId },
        WithDevices = true,
        AskingSince = Now,
    };

    private static WorkflowFacts AtSource => World(VirtualMachineState.Migrating) with
    {
        MigratingFrom = SourceId,
        Hosts = [Source, Destination],
        AwaitingHostId = SourceId,
        AwaitingHostName = "kvm0",
    };

    [Fact]
    public void Word_HoldsForTheSessionInWhichItWasSaid()
    {
        var document = Document with { Source = Document.Source.SaysOff(SourceOff) };

        var believed = Decide(MigrateStep.AskingDestination, Running, document);
        Assert.Equal(nameof(MigrateStep.Attaching), believed.Next);
        Assert.Equal([(SourceId, 20L)], believed.Transit.Evidence.Select(evidence => (evidence.HostId, evidence.Sequence)));

        var asked = Decide(MigrateStep.AskingDestination, Running, document, Source with { Session = 6 });
        Assert.Equal(nameof(MigrateStep.AskingSource), asked.Next);
        Assert.Equal((SourceId, VirtualMachineOrder.StopIfOff), (asked.Send.HostId, asked.Send.Order));
        Assert.Empty(asked.Evidence);
    }

    [Fact]
    public void HostThatWasDown_IsAskedAgain_WhenItIsBack()
    {
        var document = Document with { Source = Document.Source.Says(HostWord.Down, 5), Lost = true };

        var asked = Decide(MigrateStep.AskingDestination, Answer(Observation.Off), document, Source with { Session = 6 });

        Assert.Equal(nameof(MigrateStep.AskingSource), asked.Next);
        // What the destination has said was said while nobody knew what the source did.
        Assert.Equal(HostWord.Unknown, asked.Document<MigrateDocument>().Destination.Word);
    }

    [Fact]
    public void HostThatIsDownByNow_CountsAsDown_ThoughAnotherIsAwaited()
    {
        var document = Document with { Source = Document.Source.Says(HostWord.Runs, 5) };

        var stopped = Decide(MigrateStep.AskingDestination, Answer(Observation.Off), document, Source with { Session = 6, IsDown = true });

        Assert.Null(stopped.Next);
        Assert.Equal(VirtualMachineEvent.AgentReportStopped, stopped.Transit.Event);
        Assert.All(stopped.Evidence, evidence => Assert.Equal(HostId, evidence.HostId));
    }

    [Fact]
    public void VmThatAHostWasLostWith_IsStartedAgain_ThoughThatHostIsBackAndSaysOff()
    {
        var document = Document with { Source = Document.Source.SaysOff(SourceOff), Lost = true };

        Assert.Equal(VirtualMachineEvent.AgentReportStopped, Decide(MigrateStep.AskingDestination, Answer(Observation.Off), document).Transit.Event);
        Assert.Equal(
            VirtualMachineEvent.FollowAgentPowerOffReport,
            Decide(MigrateStep.AskingDestination, Answer(Observation.Off), document with { Lost = false }).Transit.Event);
    }

    /// <summary>Its agent may have died over it: the hypervisor goes on, and nobody says so by himself when it is done.</summary>
    [Fact]
    public void MigrationUnderWay_IsAskedForAgainAndAgain_UntilItHasHadItsTime()
    {
        var answer = Answer(Observation.UnderWay, result: false) with { HostId = SourceId, HostName = "kvm0", Session = 5 };
        var world = World(VirtualMachineState.Migrating) with
        {
            MigratingFrom = SourceId,
            Hosts = [Source, Destination],
            AwaitedUntil = Now.AddHours(1),
        };
        Decided By(MigrateDocument document, WorkflowFacts facts, WorkflowEvent @event) =>
            Decided.By(new MigrateVirtualMachineWorkflow(), MigrateStep.Migrating, document, facts, @event);

        var waits = By(Document, world, answer);
        Assert.Equal((nameof(MigrateStep.Migrating), Now.AddSeconds(5)), (waits.Next, waits.Effects.OfType<SetDeadline>().Single().At!.Value));

        var again = By(waits.Document<MigrateDocument>(), world with { AwaitedUntil = Now.AddSeconds(5) }, new Overdue());
        Assert.Equal(SourceId, again.Effects.OfType<SendAgain>().Single().HostId);
        Assert.Equal(Now.AddSeconds(10), again.Effects.OfType<SetDeadline>().Single().At);

        var over = By(again.Document<MigrateDocument>(), world with { Now = Now.AddHours(2) }, new Overdue());
        Assert.Equal(nameof(MigrateStep.AskingSource), over.Next);
    }

    /// <summary>Its agent died over the migration and came back: the hypervisor goes on with it, and nobody there watches any more.</summary>
    [Fact]
    public void MigrationThatGoesOnForTooLong_IsGivenUp()
    {
        var answer = Answer(Observation.UnderWay, result: false) with
        {
            HostId = SourceId,
            HostName = "kvm0",
            Session = 5,
            Status = DomainStatus.Running,
        };
        MigrateDocument Hear(DateTimeOffset now) => Decided.By(
            new MigrateVirtualMachineWorkflow(), MigrateStep.AskingSource, Document, AtSource with { Now = now }, answer).Document<MigrateDocument>();
        VirtualMachineOrder AskNext(MigrateDocument document) => Decided.By(
            new MigrateVirtualMachineWorkflow(), MigrateStep.AskingSource, document, AtSource, new Overdue()).Send.Order;

        Assert.Equal(VirtualMachineOrder.StopIfOff, AskNext(Hear(Now.AddMinutes(1))));
        var late = Hear(Now.AddMinutes(2));
        Assert.Equal(VirtualMachineOrder.CancelMigration, AskNext(late));
        Assert.Equal(VirtualMachineOrder.ForceStop, AskNext(late with { Forced = true }));
        // It has given up, and says where it is.
        var heard = Decided.By(
            new MigrateVirtualMachineWorkflow(), MigrateStep.AskingSource, late, AtSource, Running with { HostId = SourceId, HostName = "kvm0", Session = 5 });
        Assert.Equal((nameof(MigrateStep.AskingDestination), VirtualMachineOrder.RollBackMigration), (heard.Next, heard.Send.Order));
    }

    /// <summary>Its source was switched off, or ended it: nothing comes any more, and nobody else would end what waits for it.</summary>
    [Theory]
    [InlineData(2, nameof(VirtualMachineOrder.StopIfOff))]
    [InlineData(3, nameof(VirtualMachineOrder.RollBackMigration))]
    public void WhatStaysOnItsWay_IsRemoved_WhenTheSourceHasNothing(int unclear, string order)
    {
        var off = Answer(Observation.Off) with { HostId = SourceId, HostName = "kvm0", Session = 5 };

        var asked = Decide(MigrateStep.AskingSource, off, Document with { Unclear = unclear });

        Assert.Equal((nameof(MigrateStep.AskingDestination), HostId, order), (asked.Next, asked.Send.HostId, $"{asked.Send.Order}"));
    }

    [Theory]
    [InlineData(Observation.Off)]
    [InlineData(Observation.Unknown)]
    public void SecondAnswerToACommand_IsNotTheAnswerToWhatIsAskedNext(Observation observed)
    {
        var answer = Answer(observed, result: false) with { HostId = SourceId, HostName = "kvm0", Session = 5, Cleaned = [] };

        var asked = Decide(MigrateStep.Migrating, answer, Document);

        // A new command is awaited from here on: the second answer has another's id.
        Assert.Equal((SourceId, VirtualMachineOrder.StopIfOff), (asked.Send.HostId, asked.Send.Order));
    }

    [Fact]
    public void CopiesOfOneFailedAnswer_AreOneFailure()
    {
        var first = Decide(MigrateStep.Attaching, NotAttached, Document).Document<MigrateDocument>();

        var second = Decide(MigrateStep.Attaching, NotAttached, first);

        Assert.Equal(1, second.Document<MigrateDocument>().Attaches);
        Assert.Equal(2, Decide(MigrateStep.Attaching, NotAttached, first with { Pauses = false }).Document<MigrateDocument>().Attaches);
    }

    [Fact]
    public void OnlyDevicesThatFailed_AreExchanged()
    {
        var pending = new PciDeviceOutcome { Address = PciAddress.Parse("28:00.2"), State = HotplugState.Pending };
        var answer = NotAttached with { DeviceOutcomes = [.. NotAttached.DeviceOutcomes, pending] };

        var exchange = Decide(MigrateStep.Attaching, answer, Document with { Attaches = 2 }).Effects.OfType<ExchangeDevices>().Single();
        Assert.Equal([Cleaned.Address], exchange.Failed.Keys);

        var ended = Decide(MigrateStep.Attaching, NotAttached with { DeviceOutcomes = [pending] }, Document with { Attaches = 2 });
        Assert.Null(ended.Next);
        Assert.Null(ended.JobFailure);
        Assert.Contains("runs without all of its devices", ended.Effects.OfType<EndJob>().Single().Remark, StringComparison.Ordinal);
    }

    /// <summary>The source's agent has died after it had taken the devices away.</summary>
    [Fact]
    public void DevicesThatAreNotInTheDomain_AreGivenBack_BeforeTheMigrationHasFailed()
    {
        var document = Document with { Source = Document.Source.Says(HostWord.Runs, 5) with { Lacks = true }, Failure = "kvm0: interrupted" };

        var back = Decide(MigrateStep.AskingDestination, Answer(Observation.Off), document);
        Assert.Equal((nameof(MigrateStep.Attaching), VirtualMachineEvent.OperationFailed), (back.Next, back.Transit.Event));
        Assert.Equal((SourceId, VirtualMachineOrder.AttachPciDevices), (back.Send.HostId, back.Send.Order));
        Assert.DoesNotContain(back.Effects, effect => effect is EndJob);

        var ended = Decide(MigrateStep.Attaching, Answer(Observation.Running) with { HostId = SourceId }, back.Document<MigrateDocument>());
        Assert.Null(ended.Next);
        Assert.Equal("Unable to migrate: kvm0: interrupted", ended.JobFailure!.Text);
    }

    [Theory]
    [InlineData(nameof(MigrateStep.AskingSource))]
    [InlineData(nameof(MigrateStep.AskingDestination))]
    [InlineData(nameof(MigrateStep.EndingSource))]
    public void ForcedStop_EndsItOnBothSides_WhereverItIs(string at)
    {
        var step = Enum.Parse<MigrateStep>(at);
        var source = Decide(step, new Cancel("a forced stop was asked for") { ToEnd = true }, Document);
        Assert.Equal((SourceId, VirtualMachineOrder.ForceStop), (source.Send.HostId, source.Send.Order));

        var off = Answer(Observation.Off) with { HostId = SourceId, Session = 5 };
        var destination = Decide(MigrateStep.AskingSource, off, source.Document<MigrateDocument>());
        Assert.Equal((HostId, VirtualMachineOrder.ForceStop), (destination.Send.HostId, destination.Send.Order));

        var stopped = Decide(MigrateStep.AskingDestination, Answer(Observation.Off), destination.Document<MigrateDocument>());
        Assert.Equal(VirtualMachineEvent.FollowAgentPowerOffReport, stopped.Transit.Event);
        Assert.Equal([SourceId, HostId], stopped.Evidence.Select(evidence => evidence.HostId));
        Assert.Empty(Decide(step, new Cancel("a cancellation was asked for"), Document).Effects);
    }

    [Fact]
    public void OnlyDomainThatThereIs_IsTheVm_ThoughItStaysPaused()
    {
        var document = Document with { Source = Document.Source.Says(HostWord.Paused, 5) };

        Assert.Equal(nameof(MigrateStep.AskingSource), Decide(MigrateStep.AskingDestination, Answer(Observation.Off), document).Next);

        var ended = Decide(MigrateStep.AskingDestination, Answer(Observation.Off), document with { Unclear = 3 });
        Assert.Equal((VirtualMachineEvent.OperationFailed, SourceId), (ended.Transit.Event, ended.Transit.HostId!.Value));
        Assert.Equal("Unable to migrate: the destination does not have it; it is paused on kvm0", ended.JobFailure!.Text);
    }

    [Fact]
    public void LooksAtWhatIsUnclear_AreFurtherAndFurtherApart()
    {
        var document = Document with { Source = Document.Source.Says(HostWord.Runs, 5) };

        TimeSpan Until(int unclear) =>
            Decide(MigrateStep.AskingDestination, Running, document with { Unclear = unclear }).Effects.OfType<SetDeadline>().Single().At!.Value - Now;

        Assert.Equal([5, 10, 160, 160], new[] { 0, 1, 5, 50 }.Select(unclear => (int)Until(unclear).TotalSeconds));
    }

    [Fact]
    public void VmThatMigratesWithoutAWorkflow_IsLookedFor()
    {
        var world = World(VirtualMachineState.Migrating) with { AwaitingHostId = null, MigratingFrom = SourceId, Hosts = [Source, Destination] };

        var asked = Decided.By(new MigrateVirtualMachineWorkflow(), MigrateStep.Begin, new MigrateDocument(), world, new Begun());

        Assert.Equal(nameof(MigrateStep.AskingSource), asked.Next);
        Assert.Equal((SourceId, VirtualMachineOrder.StopIfOff), (asked.Send.HostId, asked.Send.Order));
        Assert.Equal(HostId, asked.Document<MigrateDocument>().Destination.HostId);
    }

    private static Answered Running => Answer(Observation.Running, result: false) with { Status = DomainStatus.Running };

    private static Answered NotAttached => Outcome(HotplugState.Failed) with { Status = DomainStatus.Running, PciDevices = [] };

    private static Decided Decide(MigrateStep step, WorkflowEvent @event, MigrateDocument document, HostFacts? source = null) => Decided.By(
        new MigrateVirtualMachineWorkflow(),
        step,
        document,
        World(VirtualMachineState.Migrating) with { MigratingFrom = SourceId, Hosts = [source ?? Source, Destination] },
        @event);
}
