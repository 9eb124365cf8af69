using PciBus.Agent.Commands;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Commands;

/// <summary>Agents that die within a migration: the hypervisor goes on, and nothing is begun twice.</summary>
public sealed class MigrationCrashTests
{
    private readonly Guid _vm = Guid.NewGuid();

    [Fact]
    public async Task AgentDies_TheMigrationGoesOn_AndIsNotBegunTwice()
    {
        await using var source = await StartedAsync("simulator.migration.time=20s");
        await using var destination = await AgentRig.RegisteredAsync();
        var migrate = source.Migrate(_vm, destination, AgentRig.First);
        await source.ReceiveAsync(migrate);
        await UntilOnItsWayAsync(source, destination);
        await source.CrashAsync();

        var again = await source.AskAsync(migrate with { Session = 2 });
        Assert.True(again is { Result: false, NotBegun: false, Observed: Observation.UnderWay });
        Assert.Equal("interrupted by the end of the agent", again.Details);
        await source.PassAsync(TimeSpan.FromSeconds(25));
        Assert.Equal(Observation.Unknown, (await source.AskAsync(source.Check(_vm))).Observed);
        Assert.True((await destination.AskAsync(destination.Check(_vm))) is { Observed: Observation.Running, StartedBy: AgentRig.StartedBy });
        await source.PassAsync(TimeSpan.FromSeconds(12));
        var stop = await source.AskAsync(source.Stop(_vm, AgentRig.First) with { CheckBeforeCleanup = true });
        Assert.True(stop is { Result: true, Observed: Observation.Off });
        Assert.True(stop.Cleaned.Single().Clean);
    }

    [Fact]
    public async Task AgentDies_ACancellationReachesTheMigrationThatGoesOn()
    {
        await using var source = await StartedAsync("simulator.migration.time=60s");
        await using var destination = await AgentRig.RegisteredAsync();
        var migrate = source.Migrate(_vm, destination, AgentRig.First);
        await source.ReceiveAsync(migrate);
        await UntilOnItsWayAsync(source, destination);
        await source.CrashAsync();

        Assert.True((await source.AskAsync(source.CancelMigration(_vm))).Result);
        await source.PassAsync(TimeSpan.FromSeconds(2));
        Assert.True((await source.AskAsync(source.Check(_vm))) is { Observed: Observation.Running, PciDevices.Count: 0 });
        Assert.True((await source.AskAsync(source.Attach(_vm, AgentRig.First))).Result);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AgentDies_WhileTheGuestIsAsked_TheDeviceCountsAsPending(bool guestLetsGo)
    {
        await using var source = await StartedAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        source.Simulator.Faults = new() { Guests = [new(guestLetsGo ? GuestBehaviour.Slow : GuestBehaviour.Deaf)] };
        var migrate = source.Migrate(_vm, destination, AgentRig.First);
        await source.ReceiveAsync(migrate);
        var file = Path.Combine(source.DataFolder, "simulator", "domains", $"{_vm}.json");
        await source.UntilAsync(() => StateFile.Read<SimulatedDomain>(file, "")!.Unplugging.Count > 0);
        await source.CrashAsync();

        var again = await source.AskAsync(migrate with { Session = 2 });
        Assert.True(again is { Result: false, NotBegun: false, Observed: Observation.Running, Status: DomainStatus.Running });
        var attached = await source.AskAsync(source.Attach(_vm, AgentRig.First));
        Assert.Equal(guestLetsGo ? HotplugState.Attached : HotplugState.Pending, attached.DeviceOutcomes.Single().State);
        Assert.Empty(destination.Attachments);
    }

    [Fact]
    public async Task AgentDies_BeforeItActed_NothingIsMissing_AndOnlyWhatIsHarmlessIsDoneAgain()
    {
        await using var source = await StartedAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        var migrate = source.Migrate(_vm, destination, AgentRig.First);
        await BeginAndDieAsync(source, migrate);

        Assert.True((await source.AskAsync(migrate with { Session = 2 })) is { Result: false, NotBegun: false, Observed: Observation.Running, PciDevices.Count: 1 });
        Assert.Empty(destination.Attachments);
        var detach = source.Detach(_vm, AgentRig.First);
        await BeginAndDieAsync(source, detach);
        Assert.True((await source.AskAsync(detach with { Session = 3 })) is { Result: true, PciDevices.Count: 0 });
        var attach = source.Attach(_vm, AgentRig.First);
        await BeginAndDieAsync(source, attach);
        Assert.True((await source.AskAsync(attach with { Session = 4 })) is { Result: true, PciDevices.Count: 1 });
    }

    [Fact]
    public async Task AgentsOfBothSidesDie_WithinTheSwitchOver_OneRuns()
    {
        await using var source = await StartedAsync("simulator.migration.time=4s");
        await using var destination = await AgentRig.RegisteredAsync();
        var migrate = source.Migrate(_vm, destination, AgentRig.First);
        await source.ReceiveAsync(migrate);
        await source.UntilAsync(() => source.Attachments[^1].Event == Attachment.End);
        source.Node.Kill();
        destination.Node.Kill();
        await source.StartNodeAsync();
        await source.RegisterAsync();
        Assert.True((await source.AskAsync(migrate with { Session = 2 })) is { Observed: Observation.UnderWay, Status: DomainStatus.Paused });
        await source.PassAsync(TimeSpan.FromSeconds(15));
        await destination.StartNodeAsync();
        await destination.RegisterAsync();

        Assert.Equal(Observation.Off, (await source.AskAsync(source.Check(_vm))).Observed);
        Assert.Equal(Observation.Running, (await destination.AskAsync(destination.Check(_vm))).Observed);
        Assert.Equal([Attachment.Start], destination.Attachments.Select(line => line.Event));
    }

    /// <summary>The migration has begun in the hypervisor.</summary>
    private Task UntilOnItsWayAsync(AgentRig source, AgentRig destination) =>
        source.UntilAsync(() => File.Exists(Path.Combine(destination.DataFolder, "simulator", "incoming", $"{_vm}.json")));

    /// <summary>The agent dies with the command in its journal, and nothing done.</summary>
    private static async Task BeginAndDieAsync(AgentRig rig, VirtualMachineCommand command)
    {
        rig.Node.Kill();
        using (var journal = new CommandJournal(Path.Combine(rig.DataFolder, "journal.jsonl"), sync: false, rig.Time))
        {
            journal.Open();
            journal.Begin(command);
        }

        await rig.StartNodeAsync();
        await rig.RegisterAsync();
    }

    private async Task<AgentRig> StartedAsync(params string[] settings)
    {
        var rig = await AgentRig.RegisteredAsync(settings);
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        return rig;
    }
}
