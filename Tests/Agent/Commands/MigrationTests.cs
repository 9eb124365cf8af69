using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Contracts.PciDevices;
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

    [Fact]
    public async Task Devices_GoToThePlacesOfThoseOfTheSameName()
    {
        await using var source = await AgentRig.RegisteredAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        await source.AskAsync(source.Start(_vm, AgentRig.First, AgentRig.Second));
        var slots = await GuestAddressesAsync(source);
        await destination.AskAsync(destination.Prepare(_vm, AgentRig.Second));
        var command = source.Migrate(_vm, destination);
        var migrated = Assert.IsType<MigrateAnswer>(await source.AskAsync(
            command with { PciDevices = [Named(AgentRig.First, "GPU"), Named(AgentRig.Second, "10GE")] }));
        Assert.Equal([("GPU", slots[0]), ("10GE", slots[1])], migrated.GuestPlaces.Select(place => (place.Name, place.Address)));

        var attach = destination.Attach(_vm) with { PciDevices = [Named(AgentRig.First, "10GE")], GuestPlaces = migrated.GuestPlaces };
        Assert.True((await destination.AskAsync(attach)).Result);
        Assert.Equal([slots[1]], await GuestAddressesAsync(destination));
        // That place is taken by now: the next goes anywhere.
        var next = destination.Attach(_vm) with { PciDevices = [Named(AgentRig.Second, "10GE")], GuestPlaces = migrated.GuestPlaces };
        Assert.True((await destination.AskAsync(next)).Result);
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
    public async Task DestinationThatCouldNotRunTheGuest_IsFoundBeforeAnythingIsTouched()
    {
        await using var source = await AgentRig.RegisteredAsync();
        await using var destination = await AgentRig.RegisteredAsync();
        await source.AskAsync(source.Start(_vm, AgentRig.First));
        source.Simulator.Faults = new() { OtherProcessorsLack = "avx512f" };
        var lines = source.Attachments.Count;

        var answer = await source.AskAsync(source.Migrate(_vm, destination, AgentRig.First));

        Assert.True(answer is { Result: false, NotBegun: true, Observed: Observation.Running });
        Assert.Equal("not begun: the destination's processor does not do for the guest: it lacks avx512f", answer.Details);
        Assert.Equal(lines, source.Attachments.Count);
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

    private static PciDeviceTO Named(PciAddress address, string name) => new() { Address = address, Name = name };

    private async Task<IReadOnlyList<string>> GuestAddressesAsync(AgentRig rig) =>
        (await rig.Simulator.FindDomainAsync(_vm, TestContext.Current.CancellationToken))!.GuestAddresses;
}
