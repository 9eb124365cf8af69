using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Commands;

/// <summary>A guest whose domain is paused hears nothing: what needs it to is refused at once.</summary>
public sealed class PausedGuestTests
{
    private readonly Guid _vm = Guid.NewGuid();

    [Fact]
    public async Task PausedGuest_CannotShutDownNorReboot_WhichIsSaidAtOnce()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        var start = rig.Start(_vm, AgentRig.First);
        await rig.AskAsync(start);
        rig.Simulator.Pause(_vm);

        var reboot = await rig.AskAsync(rig.Reboot(_vm));
        Assert.True(reboot is { Result: false, Observed: Observation.Running });
        Assert.Equal($"domain {start.VmName} is Paused: its guest cannot reboot", reboot.Details);
        var before = rig.Time.GetUtcNow();
        var stop = await rig.AskAsync(rig.Stop(_vm, AgentRig.First));
        Assert.True(stop is { Result: false, Observed: Observation.Running });
        Assert.Equal($"domain {start.VmName} is Paused: its guest cannot shut down", stop.Details);
        Assert.InRange(rig.Time.GetUtcNow() - before, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.True((await rig.AskAsync(rig.Stop(_vm, AgentRig.First) with { ForceStop = true })) is { Result: true, Observed: Observation.Off });
    }

    [Fact]
    public async Task GuestThatIsPausedWhileItShutsDown_IsNotWaitedFor()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        var start = rig.Start(_vm, AgentRig.First);
        await rig.AskAsync(start);
        rig.Simulator.Faults = new() { IgnoreShutdown = true };
        var stop = rig.Stop(_vm, AgentRig.First);
        await rig.ReceiveAsync(stop);
        await rig.PassAsync(TimeSpan.FromSeconds(2));
        Assert.Empty(rig.AnswersTo(stop));

        rig.Simulator.Pause(_vm);
        await rig.PassAsync(TimeSpan.FromSeconds(1));

        var answer = Assert.Single(rig.AnswersTo(stop));
        Assert.Equal((false, $"domain {start.VmName} is Paused: its guest cannot shut down"), (answer.Result, answer.Details));
    }
}
