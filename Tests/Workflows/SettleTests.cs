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

    private static Decided Decide(
        SettleStep step, WorkflowEvent @event, VirtualMachineState state = VirtualMachineState.Running) =>
        Decided.By(new SettleWorkflow(), step, Here, World(state), @event);
}
