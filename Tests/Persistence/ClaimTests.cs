using Microsoft.EntityFrameworkCore;
using PciBus.Management;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

public abstract class ClaimTests : IDisposable
{
    private static readonly TransitionReason Reason = new("start", 17, []);
    private readonly ManagementRig _rig;

    private protected ClaimTests(DatabaseProvider provider) => _rig = new ManagementRig(provider: provider);

    [Fact]
    public async Task Claim_TakesTheLowestAddresses_AndTellsTheirHistory()
    {
        var (host, vm) = await PlaceAsync("10GE,10GE", "28:00.3|10GE", "28:00.1|10GE", "28:00.2|10GE");

        Assert.Null(await ClaimAsync(vm, host));

        var owned = _rig.Read(database => database.Set<PciDevice>().Where(device => device.InstanceId == vm.Id).ToList());
        Assert.Equal(["0000:28:00.1", "0000:28:00.2"], owned.Select(device => device.Address.ToString()).Order());
        Assert.All(owned, device => Assert.Equal((1, "10GE"), (device.Claim, device.ClaimedName)));
        var history = _rig.Read(database => database.Set<PciDeviceHistory>().Where(line => line.What == PciDeviceChange.Claimed).ToList());
        Assert.Equal(owned.Select(device => device.Id).Order(), history.Select(line => line.DeviceId).Order());
        Assert.All(history, line => Assert.Equal((vm.Id, "start", 17), (line.VmId, line.Why, line.JobId)));
    }

    [Fact]
    public async Task Claim_TakesNothing_WhenNotAllCanBeHad()
    {
        var (host, vm) = await PlaceAsync("10GE,10GE,GPU", "28:00.1|10GE", "28:00.2|10GE");

        var refusal = await ClaimAsync(vm, host);

        Assert.Equal((RefusalCause.InsufficientCapacity, "GPU: 1 asked, 0 free"), (refusal!.Cause, refusal.Text));
        AssertNothingWasTaken(vm);
    }

    [Fact]
    public async Task Claim_IsRefused_WhenASiblingIsOwnedByAnotherVm()
    {
        var (host, vm) = await PlaceAsync("GPU", "28:00.1|10GE", "28:00.2|GPU");
        Change(device => device.IommuGroup = 4);
        Change(device => device.InstanceId = Other(vm), name: "10GE");

        var refusal = await ClaimAsync(vm, host);

        Assert.Equal("GPU: 1 asked, 0 free (1 on the same hardware as one in use)", refusal!.Text);
        AssertNothingWasTaken(vm);
    }

    [Theory]
    [InlineData("GPU", "10GE")]
    [InlineData("10GE", "GPU")]
    public async Task Claim_IsRefused_WhenThePhysicalOrAVirtualFunctionIsOwnedByAnotherVm(string asked, string owned)
    {
        var (host, vm) = await PlaceAsync(asked, "28:00.0|10GE", "28:10.0|GPU");
        Change(device => device.PhysicalFunction = "0000:28:00.0", name: "GPU");
        Change(device => device.InstanceId = Other(vm), name: owned);

        Assert.Equal(RefusalCause.InsufficientCapacity, (await ClaimAsync(vm, host))!.Cause);
        AssertNothingWasTaken(vm);
    }

    [Fact]
    public async Task Claim_IsRefused_WhenTheHostsCapacityIsDisabled()
    {
        var (host, vm) = await PlaceAsync("10GE", "28:00.1|10GE");
        _rig.Read(database => database.Set<HostCapacity>().ExecuteUpdate(
            set => set.SetProperty(row => row.CapacityState, CapacityState.Disabled)));

        var refusal = await ClaimAsync(vm, host);

        Assert.True(refusal!.LostRace);
        AssertNothingWasTaken(vm);
    }

    /// <summary>It was planned there, and moved before it was claimed on.</summary>
    [Fact]
    public async Task Claim_IsRefused_WhenTheHostIsInAnotherZone()
    {
        var (host, vm) = await PlaceAsync("10GE", "28:00.1|10GE");
        _rig.Read(database => database.Set<HostCapacity>().ExecuteUpdate(
            set => set.SetProperty(row => row.DataCenterId, row => row.DataCenterId + 1)));

        Assert.True((await ClaimAsync(vm, host))!.LostRace);
        AssertNothingWasTaken(vm);
    }

    [Theory]
    [InlineData(9000, 512)]
    [InlineData(1000, 16384)]
    public async Task Claim_IsRefused_WhenCpuOrRamIsShort(int speed, int ram)
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE", cpu: 2, speed: speed, ram: ram)));

        Assert.True((await ClaimAsync(vm, host))!.LostRace);
        AssertNothingWasTaken(vm);
    }

    [Fact]
    public async Task Capacity_IsTakenWithTheDevices()
    {
        var (host, vm) = await PlaceAsync("10GE", "28:00.1|10GE");

        Assert.Null(await ClaimAsync(vm, host));

        var capacity = _rig.Read(database => database.Set<HostCapacity>().Single());
        Assert.Equal((1000, 15000, 512L << 20), (capacity.CpuUsed, capacity.CpuFree, capacity.RamUsed));
        Assert.Equal((1000, 512L << 20), _rig.Read(database => database.Set<HostCapacityOfVm>().AsEnumerable().Select(row => (row.Cpu, row.Ram)).Single()));
    }

    [Fact]
    public async Task Claim_IsRefused_WhenTheDeviceIsUnusable_AlsoWhenThatIsReportedMeanwhile()
    {
        var (host, vm) = await PlaceAsync("10GE", "28:00.1|10GE");
        var read = _rig.Read(database => database.Set<PciDevice>().Single());
        Change(device => device.Unusable = "it is a bridge");

        Assert.Equal("10GE: 1 asked, 0 free (1 unusable)", (await ClaimAsync(vm, host))!.Text);

        var late = await _rig.TryAsync((PciDeviceManager devices) => devices.TakeAsync(read, vm.Id, Reason, CancellationToken.None));
        Assert.Equal("0000:28:00.1 was taken at the same time", late!.Text);
        AssertNothingWasTaken(vm);
    }

    [Fact]
    public async Task Claim_IsRolledBackWhole_WhenOneRowChangedAfterItWasRead()
    {
        var (host, vm) = await PlaceAsync("10GE,10GE", "28:00.1|10GE", "28:00.2|10GE");
        _rig.IgnoreUpdates("op_host_pci_devices", "instance_id", "NEW.function = 2");

        var refusal = await ClaimAsync(vm, host);

        Assert.True(refusal!.LostRace);
        Assert.Equal("0000:28:00.2 was taken at the same time", refusal.Text);
        AssertNothingWasTaken(vm);
    }

    [Fact]
    public async Task DeviceHasOneOwner_WhenManyVmsClaimItAtOnce()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE", "28:00.2|10GE", "28:00.3|10GE"));
        var offering = _rig.Add(Rows.Offering("10GE", speed: 100, ram: 128));
        var vms = new List<VirtualMachine>();
        for (var i = 0; i < 12; i++) vms.Add(await _rig.CreateVmAsync(offering, $"vm{i}"));

        var refusals = await Task.WhenAll(vms.Select(vm => Task.Run(() => ClaimAsync(vm, host))));

        Assert.Equal(3, refusals.Count(refusal => refusal is null));
        var owners = _rig.Read(database => database.Set<PciDevice>().Select(device => device.InstanceId).ToList());
        Assert.Distinct(owners);
        Assert.DoesNotContain(null, owners);
        Assert.Equal(3, _rig.Read(database => database.Set<HostCapacityOfVm>().Count()));
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task<(Host Host, VirtualMachine Vm)> PlaceAsync(string asked, params string[] devices)
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1", devices));
        return (host, await _rig.CreateVmAsync(_rig.Add(Rows.Offering(asked))));
    }

    /// <summary>As a start does it: first Starting without a host, then with the chosen one.</summary>
    private Task<Refusal?> ClaimAsync(VirtualMachine vm, Host host) => _rig.TryAsync(async (VirtualMachineManager manager) =>
    {
        var row = await manager.LoadAsync(vm.Id, CancellationToken.None);
        return await manager.TransitAsync(row, VirtualMachineEvent.StartRequested, null, Reason, CancellationToken.None)
            ?? await manager.TransitAsync(row, VirtualMachineEvent.OperationRetry, host.Id, Reason, CancellationToken.None);
    });

    private long Other(VirtualMachine vm) => _rig.Add(_rig.NewVm(
        _rig.Read(database => database.Set<ServiceOffering>().First()), $"not {vm.Name}")).Id;

    private void Change(Action<PciDevice> change, string? name = null)
    {
        using var database = _rig.Open();
        foreach (var device in database.Set<PciDevice>().Where(device => name == null || device.Name == name)) change(device);
        database.SaveChanges();
    }

    private void AssertNothingWasTaken(VirtualMachine vm)
    {
        Assert.Equal(0, _rig.Read(database => database.Set<PciDevice>().Count(device => device.InstanceId == vm.Id)));
        Assert.Equal(0, _rig.Read(database => database.Set<HostCapacityOfVm>().Count()));
        Assert.Equal(0, _rig.Read(database => database.Set<HostCapacity>().Single()).CpuUsed);
        Assert.Equal(VirtualMachineState.Stopped, _rig.Read(database => database.Set<VirtualMachine>().Single(row => row.Id == vm.Id)).State);
        Assert.Equal(0, _rig.Read(database => database.Set<PciDeviceHistory>().Count(line => line.What == PciDeviceChange.Claimed)));
    }

    public sealed class OnSqlite() : ClaimTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : ClaimTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : ClaimTests(DatabaseProvider.SqlServer);
}
