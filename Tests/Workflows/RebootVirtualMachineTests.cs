using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.RebootVirtualMachine;
using Xunit;
using static PciBus.Tests.Workflows.WorkflowSamples;

namespace PciBus.Tests.Workflows;

public sealed class RebootVirtualMachineTests
{
    [Fact]
    public void Reboot_TellsTheHost_AndChangesNoState()
    {
        var decided = Decide(RebootStep.Begin, new Begun());

        Assert.Equal(VirtualMachineOrder.Reboot, decided.Send.Order);
        Assert.Empty(decided.Effects.OfType<Transit>());
    }

    [Fact]
    public void Reboot_Succeeds_WhenTheHostSaysItRuns() =>
        Assert.Null(Decide(RebootStep.Rebooting, Answer(Observation.Running)).JobFailure);

    /// <summary>An agent of an earlier version says that it was rebooted.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PausedGuest_IsNotRebooted_WhateverItsHostSays(bool result) => Assert.Equal(
        "web1 was not rebooted: web1 is paused on kvm1, and its guest hears nothing. Let it go on there (virsh resume), or stop it with forced=true",
        Decide(RebootStep.Rebooting, Answer(Observation.Running, result) with { Status = DomainStatus.Paused }).JobFailure!.Text);

    [Theory]
    [InlineData(Observation.Off, true)]
    [InlineData(Observation.Running, true)]
    [InlineData(Observation.Unknown, true)]
    [InlineData(Observation.UnderWay, false)]
    public void Nothing_IsGivenBack_WhateverTheHostSees_AndWhatIsUnderWayHasNotFailed(Observation observed, bool fails)
    {
        var decided = Decide(RebootStep.Rebooting, Answer(observed, result: false));

        Assert.Equal(fails, decided.EndsTheJob && decided.JobFailure!.Cause == RefusalCause.OperationFailed);
        Assert.Empty(decided.Evidence);
        Assert.Empty(decided.Effects.OfType<Transit>());
    }

    [Fact]
    public void Reboot_IsSentAgain_WhenItsHostBeginsASession() =>
        Assert.Equal([new SendAgain(HostId)], Decide(RebootStep.Rebooting, new AgentSession(HostId)).Effects);

    [Fact]
    public void StoppedVm_IsNotRebooted() =>
        Assert.Equal(RefusalCause.InvalidParameter, Decide(RebootStep.Begin, new Begun(), VirtualMachineState.Stopped).JobFailure!.Cause);

    private static Decided Decide(
        RebootStep step, WorkflowEvent @event, VirtualMachineState state = VirtualMachineState.Running) =>
        Decided.By(new RebootVirtualMachineWorkflow(), step, new RebootDocument(), World(state), @event);
}
