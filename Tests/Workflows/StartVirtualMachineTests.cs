using System.Collections.Immutable;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StartVirtualMachine;
using Xunit;
using static PciBus.Tests.Workflows.WorkflowSamples;

namespace PciBus.Tests.Workflows;

public sealed class StartVirtualMachineTests
{
    [Fact]
    public void Start_Plans_WhenTheVmIsStopped()
    {
        var decided = Decide(StartStep.Begin, new Begun(), VirtualMachineState.Stopped);

        Assert.Equal(nameof(StartStep.Planning), decided.Next);
        Assert.Equal(VirtualMachineEvent.StartRequested, decided.Transit.Event);
        Assert.Null(decided.Transit.HostId);
        Assert.Single(decided.Effects.OfType<Plan>());
    }

    [Fact]
    public void Start_IsRefused_WhenTheVmRuns()
    {
        var decided = Decide(StartStep.Begin, new Begun(), VirtualMachineState.Running);

        Assert.Null(decided.Next);
        Assert.Equal(RefusalCause.InvalidParameter, decided.JobFailure!.Cause);
    }

    [Fact]
    public void PlannedHost_IsClaimedBeforeItIsTold()
    {
        var decided = Decide(StartStep.Planning, new Planned(HostId));

        Assert.Collection(
            decided.Effects,
            effect => Assert.Equal((VirtualMachineEvent.OperationRetry, HostId), (((Transit)effect).Event, ((Transit)effect).HostId)),
            effect => Assert.Equal((HostId, VirtualMachineOrder.Start), (((Send)effect).HostId, ((Send)effect).Order)));
    }

    [Fact]
    public void Job_FailsWithTheReasons_WhenNothingFits()
    {
        var decided = Decide(StartStep.Planning, new NothingFits("1 host short of devices"));

        Assert.Null(decided.Next);
        Assert.Equal(VirtualMachineEvent.OperationFailed, decided.Transit.Event);
        Assert.Equal((RefusalCause.InsufficientCapacity, "1 host short of devices"), (decided.JobFailure!.Cause, decided.JobFailure.Text));
    }

    [Fact]
    public void Vm_Runs_WhenItsHostSaysSo()
    {
        var decided = Decide(StartStep.Starting, Answer(Observation.Running));

        Assert.Null(decided.Next);
        Assert.Equal((VirtualMachineEvent.OperationSucceeded, HostId), (decided.Transit.Event, decided.Transit.HostId));
        Assert.Null(decided.JobFailure);
    }

    [Fact]
    public void FailedStart_IsCleanedUp_BeforeAnotherHostIsTried()
    {
        var cleaning = Decide(StartStep.Starting, Answer(Observation.Off, result: false, details: "no such disk"));
        Assert.Equal((nameof(StartStep.CleaningUp), VirtualMachineOrder.ForceStop), (cleaning.Next, cleaning.Send.Order));
        Assert.Empty(cleaning.Evidence);

        var another = Decide(StartStep.CleaningUp, Answer(Observation.Off), document: cleaning.Document<StartDocument>());
        Assert.Equal(nameof(StartStep.Planning), another.Next);
        Assert.Equal([Cleaned], another.Evidence.Single().Cleaned);
        Assert.Equal("kvm1: no such disk", another.Effects.OfType<Plan>().Single().Avoid.Hosts[HostId]);
    }

    [Fact]
    public void NextHost_IsTriedAtOnce_WhenTheCommandWasNeverBegun()
    {
        var decided = Decide(StartStep.Starting, Answer(Observation.Off, result: false, notBegun: true));

        Assert.Equal(nameof(StartStep.Planning), decided.Next);
        Assert.True(decided.Evidence.Single().Untouched);
        Assert.True(decided.Effects.OfType<Plan>().Single().Avoid.ShouldAvoid(HostId));
    }

    [Fact]
    public void CommandThatWasSentAgain_IsCleanedUp_AlthoughThisCopyWasNotBegun()
    {
        var decided = Decide(StartStep.Starting, Answer(Observation.Off, result: false, notBegun: true) with { IsOnlyCopy = false });

        Assert.Equal((nameof(StartStep.CleaningUp), VirtualMachineOrder.ForceStop), (decided.Next, decided.Send.Order));
        Assert.Empty(decided.Evidence);
    }

    [Theory]
    [InlineData(nameof(StartStep.Starting), false)]
    [InlineData(nameof(StartStep.Checking), true)]
    public void DomainWithoutItsDevices_IsNotThisStarts_AndIsNotTouched(string step, bool result)
    {
        var decided = Decide(Enum.Parse<StartStep>(step), Answer(Observation.Running, result) with { HasOwnDevices = false });

        Assert.Null(decided.Next);
        Assert.Equal(VirtualMachineEvent.OperationFailed, decided.Transit.Event);
        Assert.Empty(decided.Evidence);
        Assert.Empty(decided.Effects.OfType<Send>());
        Assert.Equal(HostId, Assert.Single(decided.Effects.OfType<NoteSighting>()).HostId);
        Assert.Contains("runs on kvm1 already", decided.JobFailure!.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(StartStep.Starting))]
    [InlineData(nameof(StartStep.Checking))]
    public void DomainThatThisStartHasMade_IsItsOwn_ThoughItsGuestHasLetGoOfAllDevices(string step)
    {
        var answer = Answer(Observation.Running, result: false) with { HasOwnDevices = false };
        var document = Decide(StartStep.Begin, new Begun(), VirtualMachineState.Stopped, number: 4).Document<StartDocument>();

        var own = Decide(Enum.Parse<StartStep>(step), answer with { StartedBy = 5 }, document: document);
        Assert.Equal(VirtualMachineEvent.OperationSucceeded, own.Transit.Event);

        var earlier = Decide(Enum.Parse<StartStep>(step), answer with { StartedBy = 4 }, document: document);
        Assert.Equal(VirtualMachineEvent.OperationFailed, earlier.Transit.Event);
    }

    [Fact]
    public void DomainWhoseDevicesNobodyKnows_IsAskedForAgain()
    {
        var decided = Decide(StartStep.Checking, Answer(Observation.Running) with { HasOwnDevices = null });

        Assert.Equal(nameof(StartStep.Checking), decided.Next);
        Assert.False(decided.EndsTheJob);
    }

    [Fact]
    public void NextHost_IsTriedAtOnce_WhenTheCommandWasNeverDelivered()
    {
        var decided = Decide(StartStep.Starting, new Undelivered(HostId));

        Assert.Equal(nameof(StartStep.Planning), decided.Next);
        Assert.True(decided.Evidence.Single().Untouched);
    }

    [Fact]
    public void HostThatWasNotReached_IsNoAttempt()
    {
        var options = new WorkflowOptions();
        var tried = Enumerable.Range(100, options.StartRetry - 1).Aggregate(
            new StartDocument(), (document, host) => document with { Tried = document.Tried.SetItem(host, "no") });

        Assert.Equal(nameof(StartStep.Planning), Decide(StartStep.Starting, new Undelivered(HostId), document: tried).Next);
        Assert.Null(Decide(StartStep.Starting, Answer(Observation.Off, result: false, notBegun: true), document: tried).Next);
    }

    [Theory]
    [InlineData(Observation.Unknown)]
    [InlineData(Observation.UnderWay)]
    public void NothingIsReleased_WhenTheHostDoesNotKnow(Observation observed)
    {
        var waiting = Decide(StartStep.Starting, Answer(observed, result: false));
        Assert.Equal(nameof(StartStep.Checking), waiting.Next);
        Assert.Empty(waiting.Evidence);

        var asking = Decide(StartStep.Checking, new Overdue());
        Assert.Equal(VirtualMachineOrder.Check, asking.Send.Order);
        Assert.False(asking.EndsTheJob);
    }

    [Fact]
    public void SilentHost_IsNamed_AndTheWorkflowParked_AtTheJobsDeadline()
    {
        var decided = Decide(StartStep.Starting, new Overdue(), late: true);

        Assert.Equal(nameof(StartStep.Checking), decided.Next);
        Assert.Equal(RefusalCause.OperationTimedOut, decided.JobFailure!.Cause);
        Assert.Contains("kvm1", decided.JobFailure.Text, StringComparison.Ordinal);
        Assert.Null(decided.Effects.OfType<SetDeadline>().Single().At);
        Assert.Single(decided.Effects.OfType<RaiseAlert>());
        Assert.Empty(decided.Evidence);
    }

    [Fact]
    public void Command_IsSentAgain_WhenItsHostBeginsASession() =>
        Assert.Equal([new SendAgain(HostId)], Decide(StartStep.Starting, new AgentSession(HostId)).Effects);

    [Fact]
    public void ParkedStart_AsksAgain_WhenItsHostReports() =>
        Assert.Equal(VirtualMachineOrder.Check, Decide(StartStep.Checking, new Observed(HostId), parked: true).Send.Order);

    [Fact]
    public void Report_ChangesNothing_WhileAnAnswerIsAwaited() =>
        Assert.Empty(Decide(StartStep.Checking, new Observed(HostId)).Effects);

    [Fact]
    public void ClaimsOnADownHost_StayStray()
    {
        var decided = Decide(StartStep.Starting, new HostDown(HostId));

        Assert.Equal(nameof(StartStep.Planning), decided.Next);
        Assert.Empty(decided.Evidence);
        Assert.True(decided.Effects.OfType<Plan>().Single().Avoid.ShouldAvoid(HostId));
    }

    [Fact]
    public void CancelledStart_IsCleanedUp_AndGoesNowhereElse()
    {
        var cleaning = Decide(StartStep.Starting, new Cancel("destroy was asked for"));
        Assert.Equal((nameof(StartStep.CleaningUp), VirtualMachineOrder.ForceStop), (cleaning.Next, cleaning.Send.Order));

        var ended = Decide(StartStep.CleaningUp, Answer(Observation.Off), document: cleaning.Document<StartDocument>());
        Assert.Null(ended.Next);
        Assert.Equal(VirtualMachineEvent.OperationFailed, ended.Transit.Event);
        Assert.Single(ended.Evidence);
        Assert.Contains("destroy was asked for", ended.JobFailure!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherHosts_AreNotTried_WhenTheCallerWantsOne()
    {
        var decided = Decide(StartStep.CleaningUp, Answer(Observation.Off), document: new StartDocument { HostId = HostId });

        Assert.Null(decided.Next);
        Assert.Equal(VirtualMachineEvent.OperationFailed, decided.Transit.Event);
    }

    [Fact]
    public void OtherHosts_AreTried_InTheClusterThatTheCallerWants()
    {
        foreach (var decided in new[]
        {
            Decide(StartStep.Begin, new Begun(), document: new StartDocument { ClusterId = 7 }, state: VirtualMachineState.Stopped),
            Decide(StartStep.CleaningUp, Answer(Observation.Off), document: new StartDocument { ClusterId = 7 }),
            Decide(StartStep.Starting, new HostDown(HostId), document: new StartDocument { ClusterId = 7 }),
        })
        {
            Assert.Equal(7, decided.Effects.OfType<Plan>().Single().ClusterId);
        }
    }

    [Fact]
    public void Start_GivesUp_AfterItsRetries()
    {
        var tried = Enumerable.Range(100, 9).ToImmutableSortedDictionary(id => (long)id, id => $"kvm{id}: no");

        var decided = Decide(StartStep.CleaningUp, Answer(Observation.Off), document: new StartDocument { Tried = tried });

        Assert.Null(decided.Next);
        Assert.Equal(RefusalCause.OperationFailed, decided.JobFailure!.Cause);
    }

    [Fact]
    public void Evidence_StillCounts_WhenTryingAnotherHostIsRefused()
    {
        var refused = new Refused(new Refusal(RefusalCause.ConcurrentChange, "taken"), Answer(Observation.Off));

        var decided = Decide(StartStep.CleaningUp, refused);

        Assert.Null(decided.Next);
        Assert.Single(decided.Evidence);
    }

    private static Decided Decide(
        StartStep step,
        WorkflowEvent @event,
        VirtualMachineState state = VirtualMachineState.Starting,
        bool parked = false,
        bool late = false,
        StartDocument? document = null,
        long number = 0) =>
        Decided.By(new StartVirtualMachineWorkflow(), step, document ?? new StartDocument(), World(state, parked, late) with { CommandNumber = number }, @event);
}
