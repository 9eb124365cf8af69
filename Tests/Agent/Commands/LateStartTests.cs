using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Commands;

/// <summary>A Start that arrives after the Check that gave it up starts nothing, whatever the clocks say.</summary>
public sealed class LateStartTests
{
    private readonly Guid _vm = Guid.NewGuid();

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(-10)]
    public async Task Start_AfterACheckWithAHigherNumber_StartsNothing(int managementAheadByMinutes)
    {
        await using var rig = await AgentRig.RegisteredAsync();
        var deadline = rig.Time.GetUtcNow() + TimeSpan.FromMinutes(managementAheadByMinutes) + TimeSpan.FromMinutes(5);
        var late = rig.Start(_vm, AgentRig.First) with { Deadline = deadline };
        var check = await rig.AskAsync(rig.Check(_vm) with { Deadline = deadline });
        Assert.Equal((true, Observation.Off), (check.Result, check.Observed));

        var answer = await rig.AskAsync(late);

        Assert.True(answer is StartAnswer { Result: false, NotBegun: true, Observed: Observation.Off });
        Assert.StartsWith("superseded:", answer.Details, StringComparison.Ordinal);
        await rig.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(rig.Attachments);
    }

    [Fact]
    public async Task Start_ThatWaitsInTheLane_IsRefusedAfterACheckWithAHigherNumber()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        rig.Simulator.Faults = new() { HangStarts = 1 };
        var hangs = rig.Start(_vm, AgentRig.First);
        await rig.ReceiveAsync(hangs);
        await rig.UntilAsync(() => rig.Attachments.Count > 0);
        var stop = rig.Stop(_vm) with { ForceStop = true };
        var waits = rig.Start(_vm, AgentRig.First);
        await rig.ReceiveAsync(stop);
        await rig.ReceiveAsync(waits);

        var check = await rig.AskAsync(rig.Check(_vm));
        Assert.Equal(Observation.UnderWay, check.Observed);
        rig.Simulator.Faults = new();

        await rig.UntilAsync(() => rig.AnswersTo(waits).Count > 0);
        Assert.True(rig.AnswersTo(hangs)[0].Result);
        Assert.True(rig.AnswersTo(stop)[0] is { Result: false, NotBegun: true });
        Assert.True(rig.AnswersTo(waits)[0] is { Result: false, NotBegun: true });
        Assert.Equal(Observation.Running, (await rig.AskAsync(rig.Check(_vm))).Observed);
    }

    [Fact]
    public async Task Start_OfAnotherSession_IsNotBegun()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        var old = rig.Start(_vm, AgentRig.First);
        await rig.CrashAsync();

        var answer = await rig.AskAsync(old);

        Assert.True(answer is { Result: false, NotBegun: true, Session: 2, Observed: Observation.Off });
        Assert.StartsWith("not begun:", answer.Details, StringComparison.Ordinal);
        Assert.Empty(rig.Attachments);
    }

    /// <summary>The start was interrupted by a reboot of the host, and somebody starts the domain by hand, without what it should have.</summary>
    [Fact]
    public async Task Start_ThatWasInterrupted_HasNotMadeWhatSomebodyElseStarted()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        rig.Simulator.Faults = new() { HangStarts = 1 };
        var start = rig.Start(_vm, AgentRig.First);
        await rig.ReceiveAsync(start);
        await rig.UntilAsync(() => rig.Attachments.Count > 0);
        rig.Simulator.RebootHost(Guid.NewGuid());
        await rig.CrashAsync();
        rig.Simulator.Create(new OutsideDomain(_vm, "copy", []));

        var answer = await rig.AskAsync(start with { Session = 2 });

        Assert.True(answer is { Result: false, NotBegun: false, Observed: Observation.Running, StartedBy: null });
        Assert.Equal("interrupted by the end of the agent", answer.Details);
    }
}
