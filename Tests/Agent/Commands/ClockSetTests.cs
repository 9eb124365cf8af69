using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Commands;

/// <summary>Somebody sets a host's clock while a command is carried out: whatever takes its time has all of it, and no more.</summary>
public sealed class ClockSetTests
{
    private static readonly TimeSpan Step = TimeSpan.FromHours(1);

    private readonly Guid _vm = Guid.NewGuid();

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Migration_ThatDoesNotEnd_IsAborted_WhenItsTimeIsOver(int steps)
    {
        await using var source = await StartedAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        source.Simulator.Faults = new() { Migrations = [MigrationFault.NeverConverges] };
        var migrate = source.Migrate(_vm, destination, AgentRig.First) with { MigrateWait = 20 };
        await source.ReceiveAsync(migrate);
        await source.UntilAsync(() => Progress(source) is { Step: CommandStep.Migrating });

        source.Time.Set(steps * Step);
        await source.PassAsync(TimeSpan.FromSeconds(15));
        Assert.Empty(source.AnswersTo(migrate));
        await source.PassAsync(TimeSpan.FromSeconds(10));

        var answer = Assert.Single(source.AnswersTo(migrate));
        Assert.Equal("the migration did not end within 20 s: operation aborted: job 'migration out' canceled by client", answer.Details);
        Assert.Equal(HotplugState.Reattached, answer.DeviceOutcomes.Single().State);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Device_IsWaitedFor_AsLongAsWasSaid(int steps)
    {
        await using var rig = await StartedAsync();
        rig.Simulator.Faults = new() { Guests = [new(GuestBehaviour.Slow)] };
        var detach = rig.Detach(_vm, AgentRig.First) with { DetachWait = 30 };
        await rig.ReceiveAsync(detach);
        await rig.PassAsync(TimeSpan.FromSeconds(1));

        rig.Time.Set(steps * Step);
        await rig.PassAsync(TimeSpan.FromSeconds(25));

        var device = Assert.Single(rig.AnswersTo(detach)).DeviceOutcomes.Single();
        Assert.Equal(HotplugState.Removed, device.State);
        Assert.True(device.Took >= 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Guest_HasItsTimeToShutDown(int steps)
    {
        await using var rig = await StartedAsync();
        rig.Simulator.Faults = new() { IgnoreShutdown = true };
        var stop = rig.Stop(_vm, AgentRig.First) with { Wait = 30 };
        await rig.ReceiveAsync(stop);
        await rig.PassAsync(TimeSpan.FromSeconds(1));

        rig.Time.Set(steps * Step);
        await rig.PassAsync(TimeSpan.FromSeconds(20));
        Assert.Empty(rig.AnswersTo(stop));
        await rig.PassAsync(TimeSpan.FromSeconds(12));

        Assert.Equal("the guest did not shut down within 30 s", Assert.Single(rig.AnswersTo(stop)).Details);
    }

    /// <summary>What an agent was at when it died may come up yet: a clock that is set makes nothing of it certain.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task InterruptedVm_IsUnknown_ForTheSettleTime(int steps)
    {
        await using var source = await StartedAsync("simulator.migration.time=20s");
        await using var destination = await AgentRig.RegisteredAsync();
        await source.ReceiveAsync(source.Migrate(_vm, destination, AgentRig.First));
        await source.UntilAsync(() => Progress(source) is { Step: CommandStep.Migrating });
        await source.CrashAsync();
        await source.PassAsync(TimeSpan.FromSeconds(25));
        Assert.Equal(Observation.Unknown, (await source.AskAsync(source.Check(_vm))).Observed);

        source.Time.Set(steps * Step);
        Assert.Equal(Observation.Unknown, (await source.AskAsync(source.Check(_vm))).Observed);
        await source.PassAsync(TimeSpan.FromSeconds(12));
        Assert.Equal(Observation.Off, (await source.AskAsync(source.Check(_vm))).Observed);
    }

    private static CommandProgress? Progress(AgentRig rig) => rig.Link.Sent<PingRoutingCommand>() is [.., { Progress: [var progress, ..] }] ? progress : null;

    private async Task<AgentRig> StartedAsync(params string[] settings)
    {
        var rig = await AgentRig.RegisteredAsync(settings);
        Assert.True((await rig.AskAsync(rig.Start(_vm, AgentRig.First))).Result);
        return rig;
    }
}
