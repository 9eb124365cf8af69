using Newtonsoft.Json;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.DetachPciDevices;
using Xunit;
using static PciBus.Tests.Workflows.WorkflowSamples;

namespace PciBus.Tests.Workflows;

public sealed class DetachPciDevicesTests
{
    private static readonly DetachDocument Found = new(Device.Id) { Device = Device with { IsNew = false } };

    [Fact]
    public void Detach_TellsTheHost_AboutThatDeviceAlone()
    {
        var finding = Decide(DetachStep.Begin, new Begun(), new DetachDocument(Device.Id));
        Assert.Equal(new FindPciDevice(HostId, Device.Id), Assert.Single(finding.Effects));

        var told = Decide(DetachStep.Finding, new Planned(HostId) { Device = Device }, new DetachDocument(Device.Id));
        Assert.Equal((HostId, VirtualMachineOrder.DetachPciDevices), (told.Send.HostId, told.Send.Order));
        Assert.Equal([Device.Id], told.Send.DeviceIds!);
    }

    [Fact]
    public void RemovedDevice_IsReleased_WithHowItWasCleaned()
    {
        var decided = Decide(DetachStep.Detaching, Outcome(HotplugState.Removed));

        Assert.Null(decided.Next);
        Assert.Null(decided.JobFailure);
        var release = decided.Effects.OfType<ReleasePciDevice>().Single();
        Assert.Equal((Device.Id, true, Cleaned), (release.DeviceId, release.ByHand, release.Evidence.Cleaned.Single()));
    }

    [Theory]
    [InlineData(HotplugState.Refused)]
    [InlineData(HotplugState.Pending)]
    [InlineData(HotplugState.Failed)]
    public void DeviceThatTheGuestKeeps_StaysClaimed_AndTheJobSaysWhy(HotplugState state)
    {
        var decided = Decide(DetachStep.Detaching, Outcome(state));

        Assert.Null(decided.Next);
        Assert.Equal($"web1 keeps 0000:28:00.1 (10GE): it is {state}", decided.JobFailure!.Text);
        Assert.Empty(decided.Effects.OfType<ReleasePciDevice>());
    }

    [Fact]
    public void HostThatCannotSayWhatBecameOfIt_IsAskedAgain()
    {
        var decided = Decide(DetachStep.Detaching, Answer(Observation.Running, result: false));
        Assert.Equal(Now.AddSeconds(5), decided.Effects.OfType<SetDeadline>().Single().At);

        Assert.Equal(VirtualMachineOrder.DetachPciDevices, Decide(DetachStep.Detaching, new Overdue()).Send.Order);
    }

    [Fact]
    public void SilentHost_IsNamed_AtTheJobsDeadline_AndTheClaimStays()
    {
        var decided = Decide(DetachStep.Detaching, new Overdue(), late: true);

        Assert.Null(decided.Next);
        Assert.Equal(RefusalCause.OperationTimedOut, decided.JobFailure!.Cause);
        Assert.Empty(decided.Effects.OfType<ReleasePciDevice>());
    }

    [Fact]
    public void Command_IsSentAgain_WhenItsHostBeginsASession() =>
        Assert.Equal([new SendAgain(HostId)], Decide(DetachStep.Detaching, new AgentSession(HostId)).Effects);

    [Fact]
    public void NothingIsReleased_WithoutTheHostsWordAboutThatDevice()
    {
        var workflow = new DetachPciDevicesWorkflow();
        var worlds = WorldsOf(WorkflowKind.DetachPciDevices);
        var documents = Documents(WorkflowKind.DetachPciDevices).Select(JsonConvert.SerializeObject).ToList();
        foreach (var (step, @event, facts, document) in
            from step in workflow.Steps
            from sample in EventsOf(WorkflowKind.DetachPciDevices)
            from world in worlds
            from document in documents
            select (step, sample, world, document))
        {
            if (!workflow.Decide(step, document, facts, @event).Effects.OfType<ReleasePciDevice>().Any()) continue;
            Assert.True(
                @event is Answered { NotBegun: false } answer && answer.DeviceOutcomes.Any(outcome => outcome.State == HotplugState.Removed),
                $"{step}: {@event} releases");
        }
    }

    private static Decided Decide(DetachStep step, WorkflowEvent @event, DetachDocument? document = null, bool late = false) =>
        Decided.By(new DetachPciDevicesWorkflow(), step, document ?? Found, World(VirtualMachineState.Running, late: late), @event);
}
