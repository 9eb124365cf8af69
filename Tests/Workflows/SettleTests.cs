using PciBus.Contracts.VirtualMachines;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.Settle;
using Xunit;
using static PciBus.Tests.Workflows.WorkflowSamples;

namespace PciBus.Tests.Workflows;

public sealed class SettleTests
{
    private static readonly SettleDocument Here = new(HostId, "the host reported otherwise");
    private static readonly WorkflowFacts Elsewhere = LeftBehind(World(VirtualMachineState.Running) with { VmHostId = OtherHostId });

    [Fact]
    public void Settle_AsksTheHost_ToCleanUpOnlyIfItIsOff()
    {
        var decided = Decide(SettleStep.Begin, new Begun());

        Assert.Equal((HostId, VirtualMachineOrder.StopIfOff), (decided.Send.HostId, decided.Send.Order));
        Assert.Empty(decided.Effects.OfType<Transit>());
    }

    [Fact]
    public void RunningVm_IsNotTouched_WhenItsHostSaysItRuns()
    {
        var decided = Decide(SettleStep.Asking, Answer(Observation.Running, result: false));

        Assert.Null(decided.Next);
        Assert.Empty(decided.Effects);
    }

    [Fact]
    public void RunningVm_IsStopped_WhenItsHostSaysItIsOff()
    {
        var decided = Decide(SettleStep.Asking, Answer(Observation.Off));

        Assert.Equal(VirtualMachineEvent.FollowAgentPowerOffReport, decided.Transit.Event);
        Assert.Single(decided.Evidence);
    }

    [Fact]
    public void StrayClaim_IsReleased_AndTheVmLeftAlone_WhenItIsThoughtElsewhere()
    {
        var decided = Decide(SettleStep.Asking, Answer(Observation.Off), VirtualMachineState.Stopped);

        Assert.Empty(decided.Effects.OfType<Transit>());
        Assert.Equal(HostId, decided.Evidence.Single().HostId);
    }

    [Fact]
    public void VmThatRunsWhereItShouldNot_IsAnAlert_AndIsNotTouched()
    {
        var decided = Decide(SettleStep.Asking, Answer(Observation.Running), VirtualMachineState.Stopped);

        Assert.IsType<RaiseAlert>(Assert.Single(decided.Effects));
    }

    [Theory]
    [InlineData(Observation.Unknown)]
    [InlineData(Observation.UnderWay)]
    public void Doubt_Stays_WhenTheHostDoesNotKnow(Observation observed)
    {
        var decided = Decide(SettleStep.Asking, Answer(observed));

        Assert.Equal(nameof(SettleStep.Asking), decided.Next);
        Assert.Empty(decided.Evidence);
    }

    [Fact]
    public void VmOnADownHost_IsStopped_AndKeepsItsClaimsThere()
    {
        var decided = Decide(SettleStep.Asking, new HostDown(HostId));

        Assert.Equal(VirtualMachineEvent.AgentReportStopped, decided.Transit.Event);
        Assert.Empty(decided.Evidence);
    }

    [Theory]
    [InlineData(nameof(VirtualMachineState.Starting))]
    [InlineData(nameof(VirtualMachineState.Stopping))]
    public void VmOnItsWay_IsWhatItsHostSays_WhenNothingTakesItFurther(string state)
    {
        var facts = World(Enum.Parse<VirtualMachineState>(state)) with { VmHostId = HostId };

        var running = Decided.By(new SettleWorkflow(), SettleStep.Asking, Here, facts, Answer(Observation.Running));
        var off = Decided.By(new SettleWorkflow(), SettleStep.Asking, Here, facts, Answer(Observation.Off));

        Assert.Equal((VirtualMachineEvent.FollowAgentPowerOnReport, HostId), (running.Transit.Event, running.Transit.HostId));
        Assert.Equal(VirtualMachineEvent.FollowAgentPowerOffReport, off.Transit.Event);
        Assert.Single(off.Evidence);
    }

    [Fact]
    public void CopyOfAVmThatRunsElsewhere_IsNotEnded_BeforeTheOtherHostSaysSo()
    {
        var decided = Decided.By(new SettleWorkflow(), SettleStep.Asking, Here, Elsewhere, Answer(Observation.Running));

        Assert.Equal(nameof(SettleStep.Confirming), decided.Next);
        Assert.Equal((OtherHostId, VirtualMachineOrder.Check), (decided.Send.HostId, decided.Send.Order));
    }

    [Fact]
    public void CopyOfAVmThatRunsElsewhere_IsEnded_WhenTheOtherHostSaysSo()
    {
        var decided = Decided.By(new SettleWorkflow(), SettleStep.Confirming, Here, Elsewhere, Answer(Observation.Running));

        Assert.Equal(nameof(SettleStep.EndingCopy), decided.Next);
        Assert.Equal((HostId, VirtualMachineOrder.ForceStop), (decided.Send.HostId, decided.Send.Order));
    }

    [Fact]
    public void CopyOfAVmThatRunsElsewhere_IsNotTouched_WhenTheOtherHostDoesNotSaySo() => Assert.All(
        new WorkflowEvent[]
        {
            Answer(Observation.Off), Answer(Observation.Unknown), Answer(Observation.UnderWay), Answer(Observation.Running, notBegun: true),
            new Undelivered(OtherHostId), new Overdue(), new HostDown(OtherHostId),
        },
        @event =>
        {
            var decided = Decided.By(new SettleWorkflow(), SettleStep.Confirming, Here, Elsewhere, @event);
            Assert.Null(decided.Next);
            Assert.IsType<RaiseAlert>(Assert.Single(decided.Effects));
        });

    [Fact]
    public void CopyOfAStoppedVm_IsEnded_OnlyOnAHostThatHadBeenDeclaredDown_AndHoldsItsPlaceYet()
    {
        var world = World(VirtualMachineState.Stopped) with { VmHostId = null };

        foreach (var unknown in new[] { world, world with { AwaitingHostWasDown = true } })
        {
            Assert.IsType<RaiseAlert>(Assert.Single(Decided.By(new SettleWorkflow(), SettleStep.Asking, Here, unknown, Answer(Observation.Running)).Effects));
        }

        var decided = Decided.By(new SettleWorkflow(), SettleStep.Asking, Here, LeftBehind(world), Answer(Observation.Running));
        Assert.Equal((HostId, VirtualMachineOrder.ForceStop), (decided.Send.HostId, decided.Send.Order));
    }

    [Fact]
    public void CopyOfAVmThatIsToBeStartedAgain_IsTheVm()
    {
        var world = LeftBehind(World(VirtualMachineState.Stopped) with { VmHostId = null, RestartPending = true });

        var decided = Decided.By(new SettleWorkflow(), SettleStep.Asking, Here, world, Answer(Observation.Running));

        Assert.Equal((VirtualMachineEvent.FollowAgentPowerOnReport, HostId), (decided.Transit.Event, decided.Transit.HostId));
    }

    [Fact]
    public void CopyOfAVmThatRunsElsewhere_IsNotTouched_OnAHostThatWasNotDeclaredDown() => Assert.IsType<RaiseAlert>(Assert.Single(Decided.By(
        new SettleWorkflow(), SettleStep.Asking, Here, Elsewhere with { AwaitingHostWasDown = false, AwaitingHostHolds = false }, Answer(Observation.Running)).Effects));

    /// <summary>What a migration has left does not run: it is not taken for the virtual machine that is to be started again.</summary>
    [Fact]
    public void IncomingDomain_IsACopy_AndNeverTheVm()
    {
        var incoming = Answer(Observation.UnderWay, result: false) with { Status = DomainStatus.Incoming };
        var stopped = LeftBehind(World(VirtualMachineState.Stopped) with { VmHostId = null });

        Assert.Equal(nameof(SettleStep.Confirming), Decided.By(new SettleWorkflow(), SettleStep.Asking, Here, Elsewhere, incoming).Next);
        Assert.Equal(
            VirtualMachineOrder.ForceStop,
            Decided.By(new SettleWorkflow(), SettleStep.Asking, Here, stopped with { RestartPending = true }, incoming).Send.Order);
        Assert.IsType<RaiseAlert>(Assert.Single(Decided.By(
            new SettleWorkflow(), SettleStep.Asking, Here, Elsewhere with { AwaitingHostHolds = false }, incoming).Effects));
    }

    [Fact]
    public void CopyOnAHostThatWasSilentMeanwhile_IsNotEnded_BeforeTheOtherHostSaysSoAgain()
    {
        foreach (var (world, @event) in new (WorkflowFacts, WorkflowEvent)[]
        {
            (Elsewhere, new AgentSession(HostId)),
            (Elsewhere with { IsParked = true }, new Observed(HostId)),
        })
        {
            var decided = Decided.By(new SettleWorkflow(), SettleStep.EndingCopy, Here, world, @event);
            Assert.Equal(nameof(SettleStep.Confirming), decided.Next);
            Assert.Equal((OtherHostId, VirtualMachineOrder.Check), (decided.Send.HostId, decided.Send.Order));
        }
    }

    [Fact]
    public void EndedCopy_GivesBackWhatItHadThere_AndTheVmIsLeftAlone()
    {
        var decided = Decided.By(new SettleWorkflow(), SettleStep.EndingCopy, Here, Elsewhere, Answer(Observation.Off));

        Assert.Null(decided.Next);
        Assert.Empty(decided.Effects.OfType<Transit>());
        Assert.Equal(HostId, decided.Evidence.Single().HostId);
    }

    private static WorkflowFacts LeftBehind(WorkflowFacts world) => world with { AwaitingHostWasDown = true, AwaitingHostHolds = true };

    private static Decided Decide(
        SettleStep step, WorkflowEvent @event, VirtualMachineState state = VirtualMachineState.Running) =>
        Decided.By(new SettleWorkflow(), step, Here, World(state), @event);
}
