using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Commands;

/// <summary>Migrations that do not go well, and those that are given up.</summary>
public sealed class MigrationFaultTests
{
    private readonly Guid _vm = Guid.NewGuid();

    [Theory]
    [InlineData(MigrationFault.FailsBeforeSwitch)]
    [InlineData(MigrationFault.FailsAtSwitch)]
    internal async Task Failed_TheVmStays_WithItsDevices(MigrationFault fault)
    {
        await using var source = await StartedAsync("simulator.migration.time=4s");
        await using var destination = await AgentRig.RegisteredAsync();
        source.Simulator.Faults = new() { Migrations = [fault] };

        var answer = await source.AskAsync(source.Migrate(_vm, destination, AgentRig.First));

        Assert.True(answer is { Result: false, NotBegun: false, Observed: Observation.Running, Status: DomainStatus.Running });
        Assert.Equal("operation failed: job 'migration out' unexpectedly failed", answer.Details);
        AssertReattached(answer);
        var rollback = await destination.AskAsync(destination.Prepare(_vm) with { Rollback = true });
        Assert.True(rollback is { Result: true, Observed: Observation.Off });
        Assert.Empty(destination.Attachments);
    }

    [Fact]
    public async Task LinkIsCut_TheDestinationKeepsAnIncomingDomain_UntilItIsRolledBack()
    {
        await using var source = await StartedAsync("simulator.migration.time=4s");
        await using var destination = await AgentRig.RegisteredAsync();
        source.Simulator.Faults = new() { Migrations = [MigrationFault.LeavesIncoming] };

        AssertReattached(await source.AskAsync(source.Migrate(_vm, destination, AgentRig.First)));

        var seen = await destination.AskAsync(destination.Check(_vm));
        Assert.True(seen is { Observed: Observation.UnderWay, Status: DomainStatus.Incoming });
        Assert.True((await destination.AskAsync(destination.Attach(_vm, AgentRig.First))).NotBegun);
        Assert.True((await destination.AskAsync(destination.Start(_vm))) is { Result: false });
        var rollback = await destination.AskAsync(destination.Prepare(_vm) with { Rollback = true });
        Assert.True(rollback is { Result: true, Observed: Observation.Off, Status: null });
        Assert.Empty(destination.Attachments);
    }

    [Fact]
    public async Task DomainOnBothSides_IsPausedHere_AndGetsNothingBack()
    {
        await using var source = await StartedAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        source.Simulator.Faults = new() { Migrations = [MigrationFault.StaysOnBothSides] };

        var answer = await source.AskAsync(source.Migrate(_vm, destination, AgentRig.First));

        Assert.True(answer is { Result: false, Observed: Observation.Running, Status: DomainStatus.Paused, PciDevices.Count: 0 });
        Assert.Equal(HotplugState.Removed, answer.DeviceOutcomes.Single().State);
        Assert.True((await destination.AskAsync(destination.Check(_vm))) is { Observed: Observation.Running, Status: DomainStatus.Running });
        Assert.True((await source.AskAsync(source.Stop(_vm) with { ForceStop = true })) is { Result: true, Observed: Observation.Off });
        Assert.Equal("end", source.Attachments[^1].Event);
        Assert.Single(source.Attachments, line => line.Event == Attachment.End);
    }

    [Fact]
    public async Task BrokenConnection_TheMigrationIsWatchedToItsEnd_AndNotBelieved()
    {
        await using var source = await StartedAsync("simulator.migration.time=4s");
        await using var destination = await AgentRig.RegisteredAsync();
        source.Simulator.Faults = new() { Migrations = [MigrationFault.LosesConnection] };

        var answer = await source.AskAsync(source.Migrate(_vm, destination, AgentRig.First));

        Assert.True(answer is { Result: false, Observed: Observation.Unknown, Status: null, PciDevices: null });
        Assert.Equal(Observation.Running, (await destination.AskAsync(destination.Check(_vm))).Observed);
        await source.PassAsync(TimeSpan.FromSeconds(12));
        Assert.Equal(Observation.Off, (await source.AskAsync(source.Check(_vm))).Observed);
    }

    [Fact]
    public async Task TooSlow_IsAborted()
    {
        await using var source = await StartedAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        source.Simulator.Faults = new() { Migrations = [MigrationFault.NeverConverges] };

        var answer = await source.AskAsync(source.Migrate(_vm, destination, AgentRig.First) with { MigrateWait = 20 });

        Assert.Equal("the migration did not end within 20 s: operation aborted: job 'migration out' canceled by client", answer.Details);
        AssertReattached(answer);
    }

    [Fact]
    public async Task AbortThatHangs_LeavesItUnderWay_AndTheLaneFree()
    {
        await using var source = await StartedAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        source.Simulator.Faults = new() { Migrations = [MigrationFault.AbortHangs] };

        var answer = await source.AskAsync(source.Migrate(_vm, destination, AgentRig.First) with { MigrateWait = 5 });

        Assert.True(answer is { Result: false, Observed: Observation.UnderWay, Status: DomainStatus.Running });
        Assert.Equal(HotplugState.Removed, answer.DeviceOutcomes.Single().State);
        var stopped = await source.AskAsync(source.Stop(_vm, AgentRig.First) with { ForceStop = true });
        Assert.True(stopped is { Result: false, Observed: Observation.Unknown });
        await source.PassAsync(TimeSpan.FromSeconds(12));
        Assert.True((await source.AskAsync(source.Stop(_vm, AgentRig.First))) is { Result: true, Observed: Observation.Off });
        Assert.Equal(Observation.Off, (await destination.AskAsync(destination.Check(_vm))).Observed);
    }

    [Fact]
    public async Task Cancel_WhileMemoryIsCarriedOver_RollsBack()
    {
        await using var source = await StartedAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        source.Simulator.Faults = new() { Migrations = [MigrationFault.NeverConverges] };
        var migrate = source.Migrate(_vm, destination, AgentRig.First);
        await source.ReceiveAsync(migrate);
        await UntilOnItsWayAsync(source, destination);
        await source.UntilAsync(() => Progress(source) is { Step: CommandStep.Migrating });
        Assert.True((await destination.AskAsync(destination.Check(_vm))) is { Status: DomainStatus.Incoming });

        var cancelled = await source.AskAsync(source.CancelMigration(_vm));
        Assert.True(cancelled is CancelMigrationAnswer { Result: true });
        await source.UntilAsync(() => source.AnswersTo(migrate).Count > 0);
        var answer = source.AnswersTo(migrate).Single();
        Assert.StartsWith("the migration was cancelled", answer.Details, StringComparison.Ordinal);
        AssertReattached(answer);
        Assert.Equal(Observation.Off, (await destination.AskAsync(destination.Check(_vm))).Observed);
    }

    [Fact]
    public async Task Cancel_WhileTheGuestIsAsked_RollsBack()
    {
        await using var source = await StartedAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        source.Simulator.Faults = new() { Guests = [new(GuestBehaviour.Deaf)] };
        var migrate = source.Migrate(_vm, destination, AgentRig.First);
        await source.ReceiveAsync(migrate);
        await source.UntilAsync(() => Progress(source) is { Step: CommandStep.Detaching, DeviceOutcomes: [{ State: HotplugState.Detaching }] });

        Assert.True((await source.AskAsync(source.CancelMigration(_vm))).Result);
        await source.UntilAsync(() => source.AnswersTo(migrate).Count > 0);
        Assert.Equal("the migration was cancelled", source.AnswersTo(migrate).Single().Details);
        Assert.Equal([AgentRig.First], source.AnswersTo(migrate).Single().PciDevices!);
    }

    [Fact]
    public async Task Cancel_AfterTheSwitchOver_OrOfNothing()
    {
        await using var source = await StartedAsync("simulator.migration.time=4s");
        await using var destination = await AgentRig.RegisteredAsync();
        Assert.True((await source.AskAsync(source.CancelMigration(_vm))) is { Result: true, Details: "no migration is under way" });
        var migrate = source.Migrate(_vm, destination, AgentRig.First);
        await source.ReceiveAsync(migrate);
        await source.UntilAsync(() => source.Attachments[^1].Event == Attachment.End);

        var late = await source.AskAsync(source.CancelMigration(_vm));
        Assert.True(late is { Result: false, Observed: Observation.UnderWay });
        await source.UntilAsync(() => source.AnswersTo(migrate).Count > 0);
        Assert.True(source.AnswersTo(migrate).Single() is { Result: true, Observed: Observation.Off });
    }

    [Fact]
    public async Task Cancel_BeforeTheMigrationBegan_RefusesIt()
    {
        await using var source = await StartedAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        var migrate = source.Migrate(_vm, destination, AgentRig.First);
        await source.AskAsync(source.CancelMigration(_vm));
        Assert.True((await source.AskAsync(migrate)) is { Result: false, NotBegun: true });
    }

    [Fact]
    public async Task ForcedStop_AbortsTheMigration_AndEndsTheVmHere()
    {
        await using var source = await StartedAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        source.Simulator.Faults = new() { Migrations = [MigrationFault.NeverConverges] };
        var migrate = source.Migrate(_vm, destination, AgentRig.First);
        await source.ReceiveAsync(migrate);
        await UntilOnItsWayAsync(source, destination);
        var asked = source.Time.GetUtcNow();

        var stopped = await source.AskAsync(source.Stop(_vm, AgentRig.First) with { ForceStop = true });

        Assert.True(stopped is { Result: true, Observed: Observation.Off });
        Assert.InRange(source.Time.GetUtcNow() - asked, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.StartsWith("superseded: a forced stop has come", source.AnswersTo(migrate).Single().Details, StringComparison.Ordinal);
        Assert.Equal(Observation.Off, (await destination.AskAsync(destination.Check(_vm))).Observed);
        Assert.Empty(destination.Attachments);
    }

    [Fact]
    public async Task Migrations_AreUnderALimitOfTheirOwn()
    {
        await using var source = await AgentRig.RegisteredAsync("migrations=1", "workers=1");
        await using var destination = await AgentRig.RegisteredAsync();
        var (one, other) = (Guid.NewGuid(), Guid.NewGuid());
        await source.AskAsync(source.Start(one));
        await source.AskAsync(source.Start(other));
        source.Simulator.Faults = new() { Migrations = [MigrationFault.NeverConverges] };
        var first = source.Migrate(one, destination) with { MigrateWait = 30 };
        var second = source.Migrate(other, destination);
        await source.ReceiveAsync(first);
        await source.UntilAsync(() => Progress(source) is { Step: CommandStep.Migrating });
        await source.ReceiveAsync(second);
        await source.AskAsync(source.Start(_vm, AgentRig.First));

        Assert.Empty(source.AnswersTo(second));
        var cancelled = await source.AskAsync(source.CancelMigration(other));
        Assert.True(cancelled is { Result: true, Observed: Observation.Running });
        await source.UntilAsync(() => source.AnswersTo(second).Count > 0);
        Assert.True(source.AnswersTo(second).Single() is { NotBegun: true, Observed: Observation.Running });
    }

    /// <summary>The migration has begun in the hypervisor.</summary>
    private Task UntilOnItsWayAsync(AgentRig source, AgentRig destination) =>
        source.UntilAsync(() => File.Exists(Path.Combine(destination.DataFolder, "simulator", "incoming", $"{_vm}.json")));

    private async Task<AgentRig> StartedAsync(params string[] settings)
    {
        var rig = await AgentRig.RegisteredAsync(settings);
        await rig.AskAsync(rig.Start(_vm, AgentRig.First));
        return rig;
    }

    private static void AssertReattached(VirtualMachineAnswer answer)
    {
        Assert.False(answer.Result);
        Assert.Equal(HotplugState.Reattached, answer.DeviceOutcomes.Single().State);
        Assert.Equal([AgentRig.First], answer.PciDevices!);
        Assert.Empty(answer.Cleaned);
    }

    private static CommandProgress? Progress(AgentRig rig) => rig.Link.Sent<PingRoutingCommand>() is [.., { Progress: [var progress, ..] }] ? progress : null;
}
