using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.DestroyVirtualMachine;
using PciBus.Management.Workflows.StopVirtualMachine;
using Xunit;
using static PciBus.Tests.Workflows.WorkflowSamples;

namespace PciBus.Tests.Workflows;

public sealed class StopVirtualMachineTests
{
    [Theory]
    [InlineData(false, "Stop")]
    [InlineData(true, "ForceStop")]
    public void Stop_AsksTheGuest_UnlessForced(bool forced, string order)
    {
        var decided = Stop(StopStep.Begin, new Begun(), new StopDocument { Forced = forced });

        Assert.Equal(nameof(StopStep.Stopping), decided.Next);
        Assert.Equal(VirtualMachineEvent.StopRequested, decided.Transit.Event);
        Assert.Equal(order, decided.Send.Order.ToString());
    }

    [Fact]
    public void Devices_ComeBack_WhenTheHostSaysOff()
    {
        var decided = Stop(StopStep.Stopping, Answer(Observation.Off));

        Assert.Null(decided.Next);
        Assert.Equal(VirtualMachineEvent.OperationSucceeded, decided.Transit.Event);
        Assert.Equal((HostId, 3L, 11L), (decided.Evidence.Single().HostId, decided.Evidence.Single().Session, decided.Evidence.Single().Sequence));
        Assert.Null(decided.JobFailure);
    }

    [Fact]
    public void Stop_IsAskedForAgain_WhenItWasNotBegun_AsNothingWasCleaned()
    {
        var decided = Stop(StopStep.Stopping, Answer(Observation.Off, result: false, notBegun: true));

        Assert.Equal(nameof(StopStep.Stopping), decided.Next);
        Assert.Empty(decided.Evidence);
        Assert.NotNull(decided.Effects.OfType<SetDeadline>().Single().At);
    }

    [Fact]
    public void Stop_IsAskedForAgain_WhenNobodySaysWhatBecameOfTheDevices_UntilTheJobsDeadline()
    {
        var answer = Answer(Observation.Off, result: false) with { HasCleaned = false };

        Assert.Equal(nameof(StopStep.Stopping), Stop(StopStep.Stopping, answer).Next);
        var late = Decided.By(
            new StopVirtualMachineWorkflow(), StopStep.Stopping, new StopDocument(), World(VirtualMachineState.Stopping, late: true), answer);
        Assert.Null(late.Next);
        Assert.Equal(HostId, late.Evidence.Single().HostId);
    }

    [Theory]
    [InlineData(DomainStatus.Paused, "web1 was not stopped: web1 is paused on kvm1, and its guest hears nothing. Let it go on there (virsh resume), or stop it with forced=true")]
    [InlineData(DomainStatus.Crashed, "web1 was not stopped: the guest of web1 has crashed on kvm1, and hears nothing. Stop it with forced=true")]
    public void GuestThatHearsNothing_IsNamed_WithWhatHelps(DomainStatus status, string why) => Assert.Equal(
        why, Stop(StopStep.Stopping, Answer(Observation.Running, result: false) with { Status = status }).JobFailure!.Text);

    [Fact]
    public void Vm_RunsOn_WhenTheGuestDoesNotShutDown()
    {
        var decided = Stop(StopStep.Stopping, Answer(Observation.Running, result: false));

        Assert.Null(decided.Next);
        Assert.Equal((VirtualMachineEvent.OperationFailed, HostId), (decided.Transit.Event, decided.Transit.HostId));
        Assert.Empty(decided.Evidence);
        Assert.Contains("forced=true", decided.JobFailure!.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Observation.Unknown)]
    [InlineData(Observation.UnderWay)]
    [InlineData(Observation.Running)]
    public void ForcedStop_NeverAssumesOff(Observation observed)
    {
        var decided = Stop(StopStep.Stopping, Answer(observed, result: false), new StopDocument { Forced = true });

        Assert.Equal(nameof(StopStep.Stopping), decided.Next);
        Assert.Empty(decided.Evidence);
        Assert.NotNull(decided.Effects.OfType<SetDeadline>().Single().At);
    }

    [Fact]
    public void SilentHost_IsNamed_AndTheStopParked_AtTheJobsDeadline()
    {
        var decided = Decided.By(
            new StopVirtualMachineWorkflow(), StopStep.Stopping, new StopDocument(), World(VirtualMachineState.Stopping, late: true), new Overdue());

        Assert.Equal(nameof(StopStep.Stopping), decided.Next);
        Assert.Contains("kvm1", decided.JobFailure!.Text, StringComparison.Ordinal);
        Assert.Null(decided.Effects.OfType<SetDeadline>().Single().At);
    }

    [Fact]
    public void ClaimsOnADownHost_StayStray_WhenTheVmIsStopping()
    {
        var decided = Stop(StopStep.Stopping, new HostDown(HostId));

        Assert.Equal(VirtualMachineEvent.AgentReportStopped, decided.Transit.Event);
        Assert.Empty(decided.Evidence);
    }

    [Fact]
    public void Stop_IsForced_WhenSomethingUrgentWaitsBehindIt()
    {
        var decided = Stop(StopStep.Stopping, new Cancel("destroy"));

        Assert.Equal(VirtualMachineOrder.ForceStop, decided.Send.Order);
        Assert.True(decided.Document<StopDocument>().Forced);
    }

    [Fact]
    public void StoppedVm_IsStoppedAlready()
    {
        var decided = Stop(StopStep.Begin, new Begun(), state: VirtualMachineState.Stopped);

        Assert.Null(decided.Next);
        Assert.Null(decided.JobFailure);
    }

    [Fact]
    public void StartingVm_CannotBeStopped_ByAStopThatHoldsIt() => Assert.Equal(
        RefusalCause.InvalidParameter, Stop(StopStep.Begin, new Begun(), state: VirtualMachineState.Error).JobFailure!.Cause);

    [Fact]
    public void Destruction_DestroysTheDomainFirst_AndExpungesLast()
    {
        var document = new StopDocument { Destroy = true, Expunge = true };

        var stopping = Destroy(StopStep.Begin, new Begun(), document, VirtualMachineState.Running);
        Assert.Equal(VirtualMachineOrder.ForceStop, stopping.Send.Order);

        var ended = Destroy(StopStep.Stopping, Answer(Observation.Off), document, VirtualMachineState.Stopping);
        Assert.Equal(
            [VirtualMachineEvent.OperationSucceeded, VirtualMachineEvent.DestroyRequested, VirtualMachineEvent.ExpungeOperation],
            ended.Effects.OfType<Transit>().Select(transit => transit.Event));
        Assert.Null(ended.JobFailure);
    }

    [Fact]
    public void DestroyedVm_IsExpunged_WhenAskedTo()
    {
        var decided = Destroy(
            StopStep.Begin, new Begun(), new StopDocument { Destroy = true, Expunge = true }, VirtualMachineState.Destroyed);

        Assert.Equal(VirtualMachineEvent.ExpungeOperation, decided.Transit.Event);
        Assert.Null(decided.Next);
    }

    private static Decided Stop(
        StopStep step, WorkflowEvent @event, StopDocument? document = null, VirtualMachineState? state = null) => Decided.By(
        new StopVirtualMachineWorkflow(),
        step,
        document ?? new StopDocument(),
        World(state ?? (step == StopStep.Begin ? VirtualMachineState.Running : VirtualMachineState.Stopping)),
        @event);

    private static Decided Destroy(StopStep step, WorkflowEvent @event, StopDocument document, VirtualMachineState state) =>
        Decided.By(new DestroyVirtualMachineWorkflow(), step, document, World(state), @event);
}
