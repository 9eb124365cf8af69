using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Commands;

/// <summary>Hot-plug commands that are cut short: by the death of the agent, or by a forced stop.</summary>
public sealed class HotplugCrashTests
{
    private readonly Guid _vm = Guid.NewGuid();

    [Fact]
    public async Task Detach_ThatACrashInterrupts_IsCarriedOutWhenItIsRepeated()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First, AgentRig.Second));
        rig.Simulator.Faults = new() { Guests = [new(GuestBehaviour.Deaf)] };
        var detach = rig.Detach(_vm, AgentRig.First);
        await rig.ReceiveAsync(detach);
        await rig.PassAsync(TimeSpan.FromSeconds(2));
        await rig.CrashAsync();
        rig.Simulator.Faults = new() { Guests = [new(GuestBehaviour.Deaf)] };

        var answer = await rig.AskAsync(detach with { Session = 2, DetachWait = 8 });

        Assert.Equal(HotplugState.Pending, answer.DeviceOutcomes.Single().State);
        Assert.Equal([AgentRig.First, AgentRig.Second], answer.PciDevices!);
    }

    [Fact]
    public async Task GuestThatWasAsked_LetsGo_WithoutTheAgent()
    {
        await using var rig = await AgentRig.RegisteredAsync("simulator.hotplug.time=3s");
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        var detach = rig.Detach(_vm, AgentRig.First);
        await rig.ReceiveAsync(detach);
        await rig.PassAsync(TimeSpan.FromSeconds(1));
        await rig.CrashAsync();
        await rig.PassAsync(TimeSpan.FromSeconds(5));

        var answer = await rig.AskAsync(detach with { Session = 2 });

        Assert.True(answer.Result);
        Assert.Equal("the domain did not have it", answer.DeviceOutcomes.Single().Reason);
        Assert.True(answer.Cleaned.Single().Clean);
    }

    [Fact]
    public async Task Attach_ThatACrashInterrupts_IsNotDoneTwice()
    {
        await using var rig = await AgentRig.RegisteredAsync("simulator.hotplug.time=3s");
        await rig.AskAsync(rig.Start(_vm));
        var attach = rig.Attach(_vm, AgentRig.First);
        await rig.ReceiveAsync(attach);
        await rig.PassAsync(TimeSpan.FromSeconds(1));
        await rig.CrashAsync();

        var answer = await rig.AskAsync(attach with { Session = 2 });

        Assert.True(answer.Result);
        Assert.Single(rig.Attachments, line => line.Event == Attachment.Attach);
    }

    /// <summary>The domain that the start may yet make would have the device.</summary>
    [Fact]
    public async Task Detach_AfterAStartThatWasInterrupted_IsNotBegun()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        rig.Simulator.Faults = new() { Unreachable = true };
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        rig.Simulator.Faults = new();

        var answer = await rig.AskAsync(rig.Detach(_vm, AgentRig.First));

        Assert.True(answer is { Result: false, NotBegun: true, Observed: Observation.Unknown, DeviceOutcomes.Count: 0 });
        Assert.Contains("may still be under way", answer.Details, StringComparison.Ordinal);
        await rig.PassAsync(TimeSpan.FromSeconds(12));
        Assert.True((await rig.AskAsync(rig.Detach(_vm, AgentRig.First))) is { Result: true, Observed: Observation.Off });
    }

    [Fact]
    public async Task ForcedStop_DoesNotWaitForTheGuest_ThatADetachHasAsked()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        rig.Simulator.Faults = new() { Guests = [new(GuestBehaviour.Deaf)] };
        var detach = rig.Detach(_vm, AgentRig.First) with { DetachWait = 600 };
        await rig.ReceiveAsync(detach);
        await rig.PassAsync(TimeSpan.FromSeconds(2));

        await AssertForcedStopIsQuickAsync(rig);

        var answer = rig.AnswersTo(detach).Single();
        Assert.StartsWith("superseded: ", answer.DeviceOutcomes.Single().Reason, StringComparison.Ordinal);
        Assert.Equal((false, HotplugState.Pending), (answer.Result, answer.DeviceOutcomes.Single().State));
        Assert.Empty(answer.Cleaned);
    }

    [Fact]
    public async Task ForcedStop_DoesNotWaitForTheGuest_ThatAGracefulStopHasAsked()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        rig.Simulator.Faults = new() { IgnoreShutdown = true };
        var graceful = rig.Stop(_vm, AgentRig.First) with { Wait = 600 };
        await rig.ReceiveAsync(graceful);
        await rig.PassAsync(TimeSpan.FromSeconds(2));

        await AssertForcedStopIsQuickAsync(rig);

        Assert.True(rig.AnswersTo(graceful).Single() is { Result: false, Details: "superseded: a forced stop has come" });
    }

    private async Task AssertForcedStopIsQuickAsync(AgentRig rig)
    {
        var asked = rig.Time.GetUtcNow();
        var stopped = await rig.AskAsync(rig.Stop(_vm, AgentRig.First) with { ForceStop = true });
        Assert.True(stopped is { Result: true, Observed: Observation.Off });
        Assert.True(stopped.Cleaned.Single().Clean);
        Assert.InRange(rig.Time.GetUtcNow() - asked, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }
}
