using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Commands;

/// <summary>A running VM gets devices and lets go of them, or does not.</summary>
public sealed class HotplugTests
{
    private readonly Guid _vm = Guid.NewGuid();

    [Fact]
    public async Task Attach_GivesTheDevices_AndIsSafeToRepeat()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));

        var answer = await rig.AskAsync(rig.Attach(_vm, AgentRig.First, AgentRig.Second));

        Assert.True(answer is AttachPciDevicesAnswer { Result: true, Observed: Observation.Running });
        Assert.Equal([HotplugState.Attached, HotplugState.Attached], StatesOf(answer));
        Assert.Equal(["the domain had it", null], answer.DeviceOutcomes.Select(outcome => outcome.Reason));
        Assert.Equal([AgentRig.First, AgentRig.Second], answer.PciDevices!);
        Assert.True((await rig.AskAsync(rig.Attach(_vm, AgentRig.First, AgentRig.Second))).Result);
        Assert.Equal(["start", "attach", "attach"], rig.Attachments.Select(line => line.Event));
    }

    [Fact]
    public async Task Attach_SaysWhatTheHypervisorSays_AndTriesTheOthers()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm));
        var holder = rig.Start(Guid.NewGuid(), AgentRig.First);
        await rig.AskAsync(holder);

        var answer = await rig.AskAsync(rig.Attach(_vm, AgentRig.First, AgentRig.Second));

        Assert.Equal([HotplugState.Failed, HotplugState.Attached], StatesOf(answer));
        Assert.Equal(
            $"0000:28:00.1: Requested operation is not valid: PCI device 0000:28:00.1 is in use by driver QEMU, domain {holder.VmName}", answer.Details);
    }

    [Fact]
    public async Task Attach_WhoseConnectionBreaks_IsSeenInTheDomain()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm));
        rig.Simulator.Faults = new() { DisconnectAttaches = 1 };

        Assert.True((await rig.AskAsync(rig.Attach(_vm, AgentRig.First))).Result);
    }

    [Fact]
    public async Task Attach_WhoseConnectionBreaks_IsNotSaidToHaveFailed_WhileItMayYetCome()
    {
        await using var rig = await AgentRig.RegisteredAsync("simulator.hotplug.time=3s");
        await rig.AskAsync(rig.Start(_vm));
        rig.Simulator.Faults = new() { DisconnectAttaches = 1 };

        var answer = await rig.AskAsync(rig.Attach(_vm, AgentRig.First));

        Assert.True(answer is { Result: false, NotBegun: false, PciDevices.Count: 0 });
        Assert.Equal([HotplugState.Unknown], StatesOf(answer));
        await rig.PassAsync(TimeSpan.FromSeconds(4));
        Assert.True((await rig.AskAsync(rig.Attach(_vm, AgentRig.First))).Result);
        Assert.Single(rig.Attachments, line => line.Event == Attachment.Attach);
    }

    [Fact]
    public async Task Attach_WithoutAFreePort_Fails()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        rig.Simulator.Faults = new() { SparePorts = 0 };
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));

        var answer = await rig.AskAsync(rig.Attach(_vm, AgentRig.Second));

        Assert.Equal("0000:28:00.2: internal error: No more available PCI slots", answer.Details);
        Assert.Equal([AgentRig.First], answer.PciDevices!);
    }

    [Theory]
    [InlineData("domain")]
    [InlineData("paused")]
    [InlineData("boot")]
    [InlineData("serial")]
    public async Task Attach_IsNotBegun_WhenItIsNotMeantForThis(string what)
    {
        await using var rig = await AgentRig.RegisteredAsync();
        if (what != "domain") await rig.AskAsync(rig.Start(_vm));
        if (what == "paused") rig.Simulator.Pause(_vm);
        var attach = rig.Attach(_vm, AgentRig.First);

        var answer = await rig.AskAsync(what switch
        {
            "boot" => attach with { BootId = "another" },
            "serial" => attach with { PciDevices = [attach.PciDevices[0] with { Serial = "another" }] },
            _ => attach,
        });

        Assert.True(answer is { Result: false, NotBegun: true });
        Assert.StartsWith("not begun: ", answer.Details, StringComparison.Ordinal);
        Assert.DoesNotContain(rig.Attachments, line => line.Event == Attachment.Attach);
    }

    [Fact]
    public async Task Detach_CleansWhatItGot_AndIsSafeToRepeat()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First, AgentRig.Second));

        var detached = await rig.AskAsync(rig.Detach(_vm, AgentRig.First));

        Assert.True(detached is DetachPciDevicesAnswer { Result: true, Observed: Observation.Running });
        Assert.Equal((AgentRig.First, true), (detached.Cleaned.Single().Address, detached.Cleaned.Single().Clean));
        Assert.Equal([AgentRig.Second], detached.PciDevices!);
        rig.Simulator.Faults = new() { NotClean = [AgentRig.First] };
        var again = await rig.AskAsync(rig.Detach(_vm, AgentRig.First));
        Assert.True(again.Result);
        Assert.Equal("the domain did not have it", again.DeviceOutcomes.Single().Reason);
        Assert.False(again.Cleaned.Single().Clean);
    }

    [Theory]
    [InlineData(GuestBehaviour.Deaf, HotplugState.Pending, "the guest has not let go of it after 12 s")]
    [InlineData(GuestBehaviour.Slow, HotplugState.Pending, "the guest has not let go of it after 12 s")]
    [InlineData(GuestBehaviour.Refusing, HotplugState.Refused, "the guest refuses to let go of it")]
    [InlineData(GuestBehaviour.Busy, HotplugState.Failed, "guest is busy")]
    [InlineData(GuestBehaviour.NoHotplug, HotplugState.Failed, "cannot hot unplug hostdev device with PCI guest address: 0000:02:00.0")]
    internal async Task DeviceThatStays_IsSaidSo_AndTheOthersAreRemoved(GuestBehaviour behaviour, HotplugState state, string reason)
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First, AgentRig.Second));
        rig.Simulator.Faults = new() { Guests = [new(behaviour, _vm, AgentRig.Second)], SlowTime = TimeSpan.FromMinutes(2) };

        var answer = await rig.AskAsync(rig.Detach(_vm, AgentRig.First, AgentRig.Second) with { DetachWait = 12 });

        Assert.True(answer is { Result: false, NotBegun: false, Observed: Observation.Running });
        Assert.StartsWith("0000:28:00.2: ", answer.Details, StringComparison.Ordinal);
        Assert.Equal([HotplugState.Removed, state], StatesOf(answer));
        Assert.Contains(reason, answer.DeviceOutcomes[1].Reason, StringComparison.Ordinal);
        Assert.Equal([AgentRig.Second], answer.PciDevices!);
        Assert.Equal([AgentRig.First], answer.Cleaned.Select(device => device.Address));
    }

    [Fact]
    public async Task EventThatIsLost_IsSeenInTheDomain()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        rig.Simulator.Faults = new() { Guests = [new(GuestBehaviour.Silent)] };

        Assert.True((await rig.AskAsync(rig.Detach(_vm, AgentRig.First))).Result);
    }

    [Fact]
    public async Task GuestThatWasBooting_IsAskedAgain()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        rig.Simulator.Faults = new() { BootTime = TimeSpan.FromSeconds(8) };
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));

        var answer = await rig.AskAsync(rig.Detach(_vm, AgentRig.First));

        Assert.True(answer.Result);
        Assert.InRange(Assert.Single(answer.DeviceOutcomes).Took, 9_000, 12_000);
    }

    [Fact]
    public async Task GuestThatWasBooting_IsAskedAgain_AsSoonAsItsAgentIsConnected()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        rig.Simulator.Faults = new() { BootTime = TimeSpan.FromSeconds(25), GuestAgents = true };
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));

        var answer = await rig.AskAsync(rig.Detach(_vm, AgentRig.First));

        Assert.True(answer.Result);
        // By the clock alone it is asked after 20 s and after 40.
        Assert.InRange(Assert.Single(answer.DeviceOutcomes).Took, 25_000, 28_000);
    }

    [Fact]
    public async Task GuestThatKeepsItsDevice_AlthoughItsAgentIsConnected_IsSaidToBeUp()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        rig.Simulator.Faults = new() { Guests = [new(GuestBehaviour.Deaf)], GuestAgents = true };
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));

        var answer = await rig.AskAsync(rig.Detach(_vm, AgentRig.First) with { DetachWait = 6 });

        Assert.EndsWith(" and is up: its guest agent is connected", answer.DeviceOutcomes[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PausedGuest_LetsGo_WhenItGoesOn()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        rig.Simulator.Pause(_vm);
        var answer = await rig.AskAsync(rig.Detach(_vm, AgentRig.First) with { DetachWait = 6 });
        Assert.Equal([HotplugState.Pending], StatesOf(answer));
        Assert.EndsWith(" is Paused", answer.DeviceOutcomes[0].Reason, StringComparison.Ordinal);

        rig.Simulator.Resume(_vm);
        await rig.UntilAsync(() => LastPing(rig).Report.VirtualMachines is [{ PciDevices.Count: 0 }]);
    }

    [Fact]
    public async Task Progress_IsInThePings_WhileTheGuestIsAsked()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        rig.Simulator.Faults = new() { Guests = [new(GuestBehaviour.Slow)] };
        var detach = rig.Detach(_vm, AgentRig.First);
        await rig.ReceiveAsync(detach);

        await rig.UntilAsync(() => LastPing(rig).Progress.Count == 1);
        var progress = LastPing(rig).Progress[0];
        Assert.Equal((detach.CommandId, _vm, CommandStep.Detaching), (progress.CommandId, progress.VmUuid, progress.Step));
        Assert.Equal((AgentRig.First, HotplugState.Detaching), (progress.DeviceOutcomes[0].Address, progress.DeviceOutcomes[0].State));
        await rig.UntilAsync(() => rig.AnswersTo(detach).Count > 0);
        await rig.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(LastPing(rig).Progress);
    }

    [Fact]
    public async Task LateRemoval_IsReportedAtOnce_AndRepairedByAnAttach()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        rig.Simulator.Faults = new() { Guests = [new(GuestBehaviour.Slow)], SlowTime = TimeSpan.FromSeconds(30) };
        await rig.AskAsync(rig.Detach(_vm, AgentRig.First) with { DetachWait = 10 });

        var early = await rig.AskAsync(rig.Attach(_vm, AgentRig.First));
        Assert.True(early is { Result: false, NotBegun: false });
        Assert.Equal([HotplugState.Pending], StatesOf(early));

        await rig.UntilAsync(() => LastPing(rig).Report.VirtualMachines is [{ PciDevices.Count: 0 }]);
        Assert.True(LastPing(rig).OutOfBand);
        Assert.Equal([HotplugState.Attached], StatesOf(await rig.AskAsync(rig.Attach(_vm, AgentRig.First))));
        Assert.True((await rig.AskAsync(rig.Attach(_vm, AgentRig.First))).Result);
    }

    [Fact]
    public async Task DeviceThatLeavesUnasked_IsReportedAtOnce()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        rig.Simulator.Eject(_vm, AgentRig.First);

        await rig.UntilAsync(() => LastPing(rig).Report.VirtualMachines is [{ PciDevices.Count: 0 }]);
        Assert.True(LastPing(rig).OutOfBand);
    }

    [Fact]
    public async Task Reboot_CarriesOutWhatADeafGuestDidNotHear_AlsoAfterACrashOfTheAgent()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        rig.Simulator.Faults = new() { Guests = [new(GuestBehaviour.Deaf)] };
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        Assert.Equal([HotplugState.Pending], StatesOf(await rig.AskAsync(rig.Detach(_vm, AgentRig.First) with { DetachWait = 6 })));
        await rig.CrashAsync();
        Assert.Equal([HotplugState.Pending], StatesOf(await rig.AskAsync(rig.Attach(_vm, AgentRig.First))));

        Assert.Empty((await rig.AskAsync(rig.Reboot(_vm))).PciDevices!);
        Assert.Equal([HotplugState.Attached], StatesOf(await rig.AskAsync(rig.Attach(_vm, AgentRig.First))));
    }

    private static IEnumerable<HotplugState> StatesOf(VirtualMachineAnswer answer) => answer.DeviceOutcomes.Select(outcome => outcome.State);

    private static PingRoutingCommand LastPing(AgentRig rig) => rig.Link.Sent<PingRoutingCommand>() is [.., var last] ? last : new();
}
