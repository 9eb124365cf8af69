using Newtonsoft.Json;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.AttachPciDevices;
using Xunit;
using static PciBus.Tests.Workflows.WorkflowSamples;

namespace PciBus.Tests.Workflows;

public sealed class AttachPciDevicesTests
{
    private static readonly AttachDocument ByName = new() { Name = "10GE", Device = Device, Told = 1 };
    private static readonly AttachDocument ByDevice = new() { DeviceId = Device.Id, Device = Device, Told = 1 };

    [Fact]
    public void Attach_ClaimsADeviceOfItsHost_AndTellsTheHostInTheSameStep()
    {
        var claiming = Decide(AttachStep.Begin, new Begun(), new AttachDocument { Name = "10GE" });
        Assert.Equal("10GE", claiming.Effects.OfType<ClaimPciDevice>().Single().Name);

        var told = Decide(AttachStep.Claiming, new Planned(HostId) { Device = Device }, new AttachDocument { Name = "10GE" });
        Assert.Equal((HostId, VirtualMachineOrder.AttachPciDevices), (told.Send.HostId, told.Send.Order));
        Assert.Equal([Device.Id], told.Send.DeviceIds!);
    }

    [Fact]
    public void Vm_ThatDoesNotRun_IsGivenNothing()
    {
        var decided = Decide(AttachStep.Begin, new Begun(), state: VirtualMachineState.Stopped);

        Assert.Equal(RefusalCause.InvalidParameter, decided.JobFailure!.Cause);
        Assert.Empty(decided.Effects.OfType<ClaimPciDevice>());
    }

    [Fact]
    public void Job_FailsWithTheReasons_WhenNoDeviceIsFree() => Assert.Equal(
        (RefusalCause.InsufficientCapacity, "10GE: 1 asked, 0 free"),
        Decide(AttachStep.Claiming, new NothingFits("10GE: 1 asked, 0 free"), new AttachDocument()).JobFailure is { } failure
            ? (failure.Cause, failure.Text)
            : default);

    [Fact]
    public void Attached_IsTheEnd()
    {
        var decided = Decide(AttachStep.Attaching, Outcome(HotplugState.Attached));

        Assert.Null(decided.Next);
        Assert.Null(decided.JobFailure);
        Assert.Equal(new NoteAttached(Device.Id, 3, 11), decided.Effects.OfType<NoteAttached>().Single());
    }

    [Fact]
    public void DeviceWhoseDetachIsPending_IsNeverASuccess_AndStaysClaimed()
    {
        var decided = Decide(AttachStep.Attaching, Outcome(HotplugState.Pending));

        Assert.Null(decided.Next);
        Assert.NotNull(decided.JobFailure);
        Assert.Empty(decided.Effects.OfType<ReleasePciDevice>());
    }

    [Fact]
    public void FailedAttach_IsTriedAgain_LaterEachTime_ThenItIsTakenBack()
    {
        var first = Decide(AttachStep.Attaching, Outcome(HotplugState.Failed));
        Assert.Equal(Now.AddSeconds(5), first.Effects.OfType<SetDeadline>().Single().At);
        var again = Decide(AttachStep.Attaching, new Overdue(), first.Document<AttachDocument>());
        Assert.Equal(VirtualMachineOrder.AttachPciDevices, again.Send.Order);
        var second = Decide(AttachStep.Attaching, Outcome(HotplugState.Failed), again.Document<AttachDocument>());
        Assert.Equal(Now.AddSeconds(10), second.Effects.OfType<SetDeadline>().Single().At);
        var third = Decide(AttachStep.Attaching, Outcome(HotplugState.Failed), second.Document<AttachDocument>() with { Pauses = false });

        Assert.Equal((nameof(AttachStep.TakingBack), VirtualMachineOrder.DetachPciDevices), (third.Next, third.Send.Order));
        Assert.Empty(third.Effects.OfType<ReleasePciDevice>());
    }

    [Fact]
    public void AnswerThatComesTwice_IsOneFailure()
    {
        var first = Decide(AttachStep.Attaching, Outcome(HotplugState.Failed));

        var twice = Decide(AttachStep.Attaching, Outcome(HotplugState.Failed), first.Document<AttachDocument>());

        Assert.Empty(twice.Effects);
        Assert.Equal(1, twice.Document<AttachDocument>().Failures);
    }

    [Fact]
    public void DeviceThatWasTakenBack_IsReleased_AndAnotherOfItsNameClaimed_InOneStep()
    {
        var decided = Decide(AttachStep.TakingBack, Outcome(HotplugState.Removed), ByName with { LastFailure = "no slot" });

        Assert.Equal(nameof(AttachStep.Claiming), decided.Next);
        Assert.Equal([typeof(ReleasePciDevice), typeof(ClaimPciDevice)], decided.Effects.Select(effect => effect.GetType()));
        Assert.Equal((Device.Id, HostId), (decided.Effects.OfType<ReleasePciDevice>().Single().DeviceId, decided.Effects.OfType<ReleasePciDevice>().Single().Evidence.HostId));
        Assert.Equal([Device.Id], decided.Effects.OfType<ClaimPciDevice>().Single().Tried);
    }

    /// <summary>A device was free, and its host failed: that no other is free is not why the job fails.</summary>
    [Fact]
    public void Job_FailsBecauseTheHostFailed_WhenThereIsNoOtherDevice() => Assert.Equal(
        (RefusalCause.OperationFailed, "0000:28:00.1 (10GE) could not be attached: no slot. There is no other: every free 10GE has been tried"),
        Decide(
            AttachStep.Claiming,
            new NothingFits("every free 10GE has been tried"),
            ByName with { LastFailure = "0000:28:00.1 (10GE) could not be attached: no slot" }).JobFailure is { } failure ? (failure.Cause, failure.Text) : default);

    [Fact]
    public void DeviceThatIsNotTakenBack_IsNamedOnce() => Assert.Equal(
        "0000:28:00.1 (10GE) could not be attached: no slot. It cannot be taken back either, and web1 owns it: it is Attached",
        Decide(
            AttachStep.TakingBack,
            Outcome(HotplugState.Attached),
            ByName with { LastFailure = "0000:28:00.1 (10GE) could not be attached: no slot" }).JobFailure?.Text);

    [Fact]
    public void OtherDevices_AreNotTried_WhenTheCallerWantsOne()
    {
        var decided = Decide(AttachStep.TakingBack, Outcome(HotplugState.Removed), ByDevice with { LastFailure = "no slot" });

        Assert.Null(decided.Next);
        Assert.Single(decided.Effects.OfType<ReleasePciDevice>());
        Assert.Contains("no slot", decided.JobFailure!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void RefusedExchange_StillReleases()
    {
        var refused = new Refused(new Refusal(RefusalCause.ConcurrentChange, "taken"), Outcome(HotplugState.Removed));

        var decided = Decide(AttachStep.TakingBack, refused, ByName);

        Assert.Null(decided.Next);
        Assert.Single(decided.Effects.OfType<ReleasePciDevice>());
        Assert.NotNull(decided.JobFailure);
    }

    [Fact]
    public void CommandThatReachedNobody_HasAttachedNothing_UnlessAnEarlierOneMayHave()
    {
        var first = Decide(AttachStep.Attaching, new Undelivered(HostId));
        Assert.True(first.Effects.OfType<ReleasePciDevice>().Single().Evidence.Untouched);
        Assert.Equal(RefusalCause.AgentUnavailable, first.JobFailure!.Cause);

        var second = Decide(AttachStep.Attaching, new Undelivered(HostId), ByName with { Told = 2 });
        Assert.Empty(second.Effects.OfType<ReleasePciDevice>());
        var owned = Decide(AttachStep.Attaching, new Undelivered(HostId), ByDevice with { Device = Device with { IsNew = false } });
        Assert.Empty(owned.Effects.OfType<ReleasePciDevice>());
    }

    [Fact]
    public void ClaimStays_WhateverEndsItWithoutTheHostsWord() => Assert.All(
        new WorkflowEvent[] { new HostDown(HostId), new Cancel("a forced stop was asked for"), Answer(Observation.Off) },
        @event =>
        {
            var decided = Decide(AttachStep.Attaching, @event);
            Assert.Null(decided.Next);
            Assert.NotNull(decided.JobFailure);
            Assert.Empty(decided.Effects.OfType<ReleasePciDevice>());
        });

    [Fact]
    public void SilentHost_IsNamed_AtTheJobsDeadline_AndTheVmFreeForOtherThings()
    {
        var decided = Decide(AttachStep.Attaching, new Overdue(), late: true);

        Assert.Null(decided.Next);
        Assert.Equal(RefusalCause.OperationTimedOut, decided.JobFailure!.Cause);
        Assert.Contains("kvm1", decided.JobFailure.Text, StringComparison.Ordinal);
        Assert.Empty(decided.Effects.OfType<ReleasePciDevice>());
    }

    [Fact]
    public void Repair_IsCounted_WhetherItCanBeginOrNot()
    {
        var repair = new AttachDocument { Name = "10GE", Repair = true };

        Assert.Single(Decide(AttachStep.Begin, new Begun(), repair).Effects.OfType<CountRepair>());
        var refused = new Refused(new Refusal(RefusalCause.ConcurrentChange, "taken"), new Begun());
        Assert.Single(Decide(AttachStep.Begin, refused, repair).Effects.OfType<CountRepair>());
        Assert.Empty(Decide(AttachStep.Begin, new Begun(), ByName).Effects.OfType<CountRepair>());
    }

    [Fact]
    public void NothingIsReleased_WithoutTheHostsWordAboutThatDevice()
    {
        var workflow = new AttachPciDevicesWorkflow();
        var releases = 0;
        var worlds = WorldsOf(WorkflowKind.AttachPciDevices);
        var documents = Documents(WorkflowKind.AttachPciDevices).Cast<AttachDocument>().Select(one => (one, JsonConvert.SerializeObject(one))).ToList();
        foreach (var (step, @event, facts, (document, text)) in
            from step in workflow.Steps
            from sample in EventsOf(WorkflowKind.AttachPciDevices)
            from world in worlds
            from document in documents
            select (step, sample, world, document))
        {
            if (!workflow.Decide(step, text, facts, @event).Effects.OfType<ReleasePciDevice>().Any()) continue;
            releases++;
            Assert.True(
                HasLetGo(@event is Refused refused ? refused.After : @event) || (@event is Undelivered && document is { Told: 1, Device.IsNew: true }),
                $"{step}: {@event} releases {document.Device}");
        }

        Assert.True(releases > 0);
    }

    private static bool HasLetGo(WorkflowEvent @event) =>
        @event is Answered { NotBegun: false } answer && answer.DeviceOutcomes.Any(outcome => outcome.State == HotplugState.Removed);

    private static Decided Decide(
        AttachStep step,
        WorkflowEvent @event,
        AttachDocument? document = null,
        VirtualMachineState state = VirtualMachineState.Running,
        bool late = false) =>
        Decided.By(new AttachPciDevicesWorkflow(), step, document ?? ByName, World(state, late: late), @event);
}
