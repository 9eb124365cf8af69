using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using Xunit;

namespace PciBus.Tests.Agent.Commands;

/// <summary>A VM goes to another host without its devices, or stays with them.</summary>
public sealed class MigrationTests
{
    private readonly Guid _vm = Guid.NewGuid();

    [Fact]
    public async Task Migrate_TakesTheVmAway_AndTheDestinationGivesItDevices()
    {
        await using var source = await AgentRig.RegisteredAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        await source.AskAsync(source.Start(_vm, AgentRig.First, AgentRig.Second));

        var prepared = Assert.IsType<PrepareForMigrationAnswer>(await destination.AskAsync(destination.Prepare(_vm, AgentRig.Second)));
        Assert.True(prepared is { Result: true, Observed: Observation.Off, Status: null });
        Assert.Equal(destination.Simulator.MigrationUri, prepared.MigrationUri);
        Assert.True(Assert.Single(prepared.Cleaned).Clean);

        var migrated = await source.AskAsync(source.Migrate(_vm, destination, AgentRig.First, AgentRig.Second));
        Assert.True(migrated is MigrateAnswer { Result: true, Observed: Observation.Off, Status: null });
        Assert.Equal([HotplugState.Removed, HotplugState.Removed], StatesOf(migrated));
        Assert.Equal([true, true], migrated.Cleaned.Select(device => device.Clean));

        var attached = await destination.AskAsync(destination.Attach(_vm, AgentRig.Second));
        Assert.True(attached is { Result: true, Observed: Observation.Running, Status: DomainStatus.Running });
        Assert.Equal([HotplugState.Attached], StatesOf(attached));
        Assert.Equal([AgentRig.Second], attached.PciDevices!);
        Assert.Equal(["start", "attach", "attach", "detach", "detach", "end"], source.Attachments.Select(line => line.Event));
        Assert.Equal(["start", "attach"], destination.Attachments.Select(line => line.Event));
        Assert.True(destination.Attachments[0].At >= source.Attachments[^1].At);
    }

    [Theory]
    [InlineData(GuestBehaviour.Deaf, HotplugState.Pending)]
    [InlineData(GuestBehaviour.Slow, HotplugState.Pending)]
    [InlineData(GuestBehaviour.Refusing, HotplugState.Refused)]
    [InlineData(GuestBehaviour.Busy, HotplugState.Failed)]
    [InlineData(GuestBehaviour.NoHotplug, HotplugState.Failed)]
    internal async Task DeviceThatStays_CancelsTheMigration_AndTheOthersComeBack(GuestBehaviour behaviour, HotplugState state)
    {
        await using var source = await AgentRig.RegisteredAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        await source.AskAsync(source.Start(_vm, AgentRig.First, AgentRig.Second));
        source.Simulator.Faults = new() { Guests = [new(behaviour, _vm, AgentRig.Second)], SlowTime = TimeSpan.FromMinutes(2) };
        var slots = await GuestAddressesAsync(source);

        var answer = await source.AskAsync(source.Migrate(_vm, destination, AgentRig.First, AgentRig.Second) with { DetachWait = 12 });

        Assert.True(answer is { Result: false, NotBegun: false, Observed: Observation.Running, Status: DomainStatus.Running });
        Assert.StartsWith("not detached: 0000:28:00.2: ", answer.Details, StringComparison.Ordinal);
        Assert.Equal([HotplugState.Reattached, state], StatesOf(answer));
        Assert.Equal([AgentRig.First, AgentRig.Second], answer.PciDevices!.Order());
        Assert.Equal(slots.Order(), (await GuestAddressesAsync(source)).Order());
        Assert.Empty(answer.Cleaned);
        Assert.Empty(destination.Attachments);
    }

    [Fact]
    public async Task EventThatIsLost_IsSeenInTheDomain()
    {
        await using var source = await AgentRig.RegisteredAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        await source.AskAsync(source.Start(_vm, AgentRig.First));
        source.Simulator.Faults = new() { Guests = [new(GuestBehaviour.Silent)] };

        Assert.True((await source.AskAsync(source.Migrate(_vm, destination, AgentRig.First))).Result);
    }

    [Fact]
    public async Task GuestThatWasBooting_IsAskedAgain()
    {
        await using var source = await AgentRig.RegisteredAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        source.Simulator.Faults = new() { BootTime = TimeSpan.FromSeconds(8) };
        await source.AskAsync(source.Start(_vm, AgentRig.First));

        var answer = await source.AskAsync(source.Migrate(_vm, destination, AgentRig.First));

        Assert.True(answer.Result);
        Assert.InRange(Assert.Single(answer.DeviceOutcomes).Took, 9_000, 12_000);
    }

    [Fact]
    public async Task DeviceThatManagementDoesNotKnow_RefusesBeforeAnythingIsTouched()
    {
        await using var source = await AgentRig.RegisteredAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        await source.AskAsync(source.Start(_vm, AgentRig.First, AgentRig.Second));
        var lines = source.Attachments.Count;

        var answer = await source.AskAsync(source.Migrate(_vm, destination, AgentRig.First));

        Assert.True(answer is { Result: false, NotBegun: true, Observed: Observation.Running });
        Assert.Contains("management does not know of: 0000:28:00.2", answer.Details, StringComparison.Ordinal);
        Assert.Equal(lines, source.Attachments.Count);
    }

    [Fact]
    public async Task LateRemoval_IsReportedAtOnce_AndRepairedByAnAttach()
    {
        await using var source = await AgentRig.RegisteredAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        await source.AskAsync(source.Start(_vm, AgentRig.First));
        source.Simulator.Faults = new() { Guests = [new(GuestBehaviour.Slow)], SlowTime = TimeSpan.FromSeconds(30) };
        await source.AskAsync(source.Migrate(_vm, destination, AgentRig.First) with { DetachWait = 10 });

        var early = await source.AskAsync(source.Attach(_vm, AgentRig.First));
        Assert.True(early is { Result: false, NotBegun: false });
        Assert.Equal([HotplugState.Pending], StatesOf(early));

        await source.UntilAsync(() => LastReport(source).PciDevices.Count == 0);
        Assert.True(source.Link.Sent<PingRoutingCommand>()[^1].OutOfBand);
        var late = await source.AskAsync(source.Attach(_vm, AgentRig.First));
        Assert.True(late.Result);
        Assert.Equal([HotplugState.Attached], StatesOf(late));
        Assert.True((await source.AskAsync(source.Attach(_vm, AgentRig.First))).Result);
    }

    [Fact]
    public async Task Reboot_CarriesOutWhatADeafGuestDidNotHear_AlsoAfterACrashOfTheAgent()
    {
        await using var source = await AgentRig.RegisteredAsync();
        source.Simulator.Faults = new() { Guests = [new(GuestBehaviour.Deaf)] };
        await source.AskAsync(source.Start(_vm, AgentRig.First));
        var detached = await source.AskAsync(source.Detach(_vm, AgentRig.First) with { DetachWait = 6 });
        Assert.Equal([HotplugState.Pending], StatesOf(detached));
        await source.CrashAsync();
        Assert.Equal([HotplugState.Pending], StatesOf(await source.AskAsync(source.Attach(_vm, AgentRig.First))));

        Assert.Empty((await source.AskAsync(source.Reboot(_vm))).PciDevices!);
        Assert.Equal([HotplugState.Attached], StatesOf(await source.AskAsync(source.Attach(_vm, AgentRig.First))));
    }

    [Fact]
    public async Task Detach_CleansWhatItGot_AndIsSafeToRepeat()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        await rig.AskAsync(rig.Start(_vm, AgentRig.First, AgentRig.Second));
        var detached = await rig.AskAsync(rig.Detach(_vm, AgentRig.First));
        Assert.True(detached is DetachPciDevicesAnswer { Result: true, Observed: Observation.Running });
        Assert.Equal((AgentRig.First, true), (detached.Cleaned.Single().Address, detached.Cleaned.Single().Clean));

        rig.Simulator.Faults = new() { NotClean = [AgentRig.First] };
        var again = await rig.AskAsync(rig.Detach(_vm, AgentRig.First));
        Assert.True(again.Result);
        Assert.False(again.Cleaned.Single().Clean);
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
        rig.Simulator.Faults = new() { DisconnectAttaches = 1 };
        await rig.AskAsync(rig.Stop(holder.VmUuid, AgentRig.First));
        Assert.True((await rig.AskAsync(rig.Attach(_vm, AgentRig.First))).Result);
    }

    [Fact]
    public async Task Prepare_SaysWhichDeviceIsNotGood()
    {
        await using var rig = await AgentRig.RegisteredAsync();
        rig.Simulator.Faults = new() { NotClean = [AgentRig.Second] };
        var answer = await rig.AskAsync(rig.Prepare(_vm, AgentRig.First, AgentRig.Second));
        Assert.True(answer is { Result: false, NotBegun: false, Observed: Observation.Off });
        Assert.Equal([true, false], answer.Cleaned.Select(device => device.Clean));

        await rig.AskAsync(rig.Start(_vm));
        var there = await rig.AskAsync(rig.Prepare(_vm));
        Assert.True(there is { Result: false, NotBegun: true, Observed: Observation.Running });
        Assert.False((await rig.AskAsync(rig.Prepare(_vm) with { Rollback = true })).Result);
        Assert.Equal(Observation.Running, (await rig.AskAsync(rig.Check(_vm))).Observed);
    }

    private static IEnumerable<HotplugState> StatesOf(VirtualMachineAnswer answer) => answer.DeviceOutcomes.Select(outcome => outcome.State);

    private static DomainReport LastReport(AgentRig rig) => rig.Link.Sent<PingRoutingCommand>()[^1].Report.VirtualMachines!.Single();

    private async Task<IReadOnlyList<string>> GuestAddressesAsync(AgentRig rig) =>
        (await rig.Simulator.FindDomainAsync(_vm, TestContext.Current.CancellationToken))!.GuestAddresses;
}
