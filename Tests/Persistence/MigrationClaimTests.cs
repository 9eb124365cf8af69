using PciBus.Contracts.PciDevices;
using PciBus.Management;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>A virtual machine that migrates has what it needs on both hosts, until each has said that it is off there.</summary>
public abstract class MigrationClaimTests : IDisposable
{
    private readonly ManagementRig _rig;

    private protected MigrationClaimTests(DatabaseProvider provider) => _rig = new ManagementRig(provider: provider);

    [Theory]
    [InlineData("kvm1", "kvm2")]
    [InlineData("kvm2", "kvm1")]
    public async Task Migrating_ClaimsOnTheDestination_AndKeepsTheSource(string from, string to)
    {
        var (source, destination, vm) = await RunningAsync(from, to);

        Assert.Null(await MoveAsync(vm, VirtualMachineEvent.MigrationRequested, destination.Id));

        var row = Look(vm);
        Assert.Equal((VirtualMachineState.Migrating, destination.Id, source.Id), (row.State, row.HostId, row.LastHostId));
        Assert.Equal([.. new[] { source.Id, destination.Id }.Order()], HostsOfItsDevices(vm));
        Assert.Equal(2, _rig.Read(database => database.Set<HostCapacityOfVm>().Count(taken => taken.VmId == vm.Id)));
        Assert.All(Capacities(), capacity => Assert.True(capacity is { CpuUsed: > 0, RamUsed: > 0 }));
    }

    [Fact]
    public async Task Succeeded_GivesBackWhatItHadOnTheSource()
    {
        var (source, destination, vm) = await MigratingAsync();

        Assert.Null(await MoveAsync(vm, VirtualMachineEvent.OperationSucceeded, destination.Id, Evidence(source)));

        Assert.Equal((VirtualMachineState.Running, destination.Id), (Look(vm).State, Look(vm).HostId));
        AssertIsOnlyOn(destination, vm);
    }

    [Fact]
    public async Task Failed_GivesBackWhatItHadOnTheDestination()
    {
        var (source, destination, vm) = await MigratingAsync();

        Assert.Null(await MoveAsync(vm, VirtualMachineEvent.OperationFailed, source.Id, Evidence(destination)));

        Assert.Equal((VirtualMachineState.Running, source.Id), (Look(vm).State, Look(vm).HostId));
        AssertIsOnlyOn(source, vm);
    }

    [Fact]
    public async Task WithoutEvidence_NothingIsGivenBack()
    {
        var (source, destination, vm) = await MigratingAsync();

        Assert.Null(await MoveAsync(vm, VirtualMachineEvent.OperationSucceeded, destination.Id));

        Assert.Equal([source.Id, destination.Id], HostsOfItsDevices(vm));
        Assert.Equal(2, _rig.Read(database => database.Set<HostCapacityOfVm>().Count(taken => taken.VmId == vm.Id)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OffOnBothSides_GivesBackBoth_AndIsStartedAgainAsItsOfferingSays(bool highlyAvailable)
    {
        var (source, destination, vm) = await MigratingAsync();
        _rig.Execute($"UPDATE service_offering SET ha_enabled = '{(highlyAvailable ? 1 : 0)}'");

        Assert.Null(await MoveAsync(vm, VirtualMachineEvent.AgentReportStopped, null, Evidence(destination), Evidence(source)));

        Assert.Equal((VirtualMachineState.Stopped, null), (Look(vm).State, Look(vm).HostId));
        Assert.Equal(highlyAvailable, Look(vm).RestartAt is not null);
        Assert.Empty(HostsOfItsDevices(vm));
        Assert.All(Capacities(), capacity => Assert.Equal((0, 0), (capacity.CpuUsed, capacity.RamUsed)));
    }

    [Fact]
    public async Task DestinationThatLacksADevice_IsRefused_AndNothingHasChanged()
    {
        var (source, destination, vm) = await RunningAsync("kvm1", "kvm2");
        _rig.Execute($"UPDATE op_host_pci_devices SET enabled = '0' WHERE host_id = {destination.Id}");

        var refusal = await MoveAsync(vm, VirtualMachineEvent.MigrationRequested, destination.Id);

        Assert.Equal((RefusalCause.InsufficientCapacity, "10GE: 1 asked, 0 free (1 disabled)"), (refusal!.Cause, refusal.Text));
        Assert.Equal((VirtualMachineState.Running, source.Id), (Look(vm).State, Look(vm).HostId));
        AssertIsOnlyOn(source, vm);
    }

    [Fact]
    public async Task OneThatAnotherHostWasSeenToRun_IsNotMigrated()
    {
        var (_, destination, vm) = await RunningAsync("kvm1", "kvm2");
        var other = await _rig.ConnectAsync(Announcements.Host("kvm3"));
        _rig.Add(new Sighting { VmId = vm.Id, HostId = other.Id, Session = other.Session, Sequence = 2 });

        var refusal = await MoveAsync(vm, VirtualMachineEvent.MigrationRequested, destination.Id);

        Assert.StartsWith("vm was seen to run on kvm3", refusal!.Text, StringComparison.Ordinal);
        Assert.Equal(VirtualMachineState.Running, Look(vm).State);
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task<(Host Source, Host Destination, VirtualMachine Vm)> MigratingAsync()
    {
        var (source, destination, vm) = await RunningAsync("kvm1", "kvm2");
        Assert.Null(await MoveAsync(vm, VirtualMachineEvent.MigrationRequested, destination.Id));
        return (source, destination, vm);
    }

    private async Task<(Host Source, Host Destination, VirtualMachine Vm)> RunningAsync(string from, string to)
    {
        var hosts = new Dictionary<string, Host>();
        foreach (var name in (string[])["kvm1", "kvm2"]) hosts[name] = await _rig.ConnectAsync(Announcements.Host(name, "28:00.1|10GE"));
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));
        Assert.Null(await MoveAsync(vm, VirtualMachineEvent.StartRequested, null));
        Assert.Null(await MoveAsync(vm, VirtualMachineEvent.OperationRetry, hosts[from].Id));
        Assert.Null(await MoveAsync(vm, VirtualMachineEvent.OperationSucceeded, hosts[from].Id));
        return (hosts[from], hosts[to], vm);
    }

    private Task<Refusal?> MoveAsync(VirtualMachine vm, VirtualMachineEvent @event, long? hostId, params OffEvidence[] evidence) =>
        _rig.TryAsync(async (VirtualMachineManager manager) => await manager.TransitAsync(
            await manager.LoadAsync(vm.Id, CancellationToken.None), @event, hostId, new TransitionReason("test", null, evidence), CancellationToken.None));

    private static OffEvidence Evidence(Host host) => new(
        host.Id, host.Session, 5, false, [new PciDeviceCleaning { Address = PciAddress.Parse("28:00.1"), Clean = true }]);

    private VirtualMachine Look(VirtualMachine vm) => _rig.Read(database => database.Set<VirtualMachine>().Single(row => row.Id == vm.Id));

    private List<long> HostsOfItsDevices(VirtualMachine vm) => _rig.Read(database => database.Set<PciDevice>()
        .Where(device => device.InstanceId == vm.Id).OrderBy(device => device.HostId).Select(device => device.HostId).ToList());

    private List<HostCapacity> Capacities() => _rig.Read(database => database.Set<HostCapacity>().ToList());

    private void AssertIsOnlyOn(Host host, VirtualMachine vm)
    {
        Assert.Equal([host.Id], HostsOfItsDevices(vm));
        Assert.Equal(host.Id, _rig.Read(database => database.Set<HostCapacityOfVm>().Single(taken => taken.VmId == vm.Id)).HostId);
        Assert.All(Capacities(), capacity => Assert.Equal(capacity.HostId == host.Id, capacity is { CpuUsed: > 0, RamUsed: > 0 }));
        Assert.All(
            _rig.Read(database => database.Set<PciDevice>().Where(device => device.InstanceId == null).ToList()),
            device => Assert.Equal(PciDeviceHealth.Good, device.Health));
    }

    public sealed class OnSqlite() : MigrationClaimTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : MigrationClaimTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : MigrationClaimTests(DatabaseProvider.SqlServer);
}
