using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.Hosts;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Devices that virtual machines are given and lose while they run.</summary>
public abstract class HotplugTests : IAsyncLifetime
{
    private readonly ManagementRig _rig;
    private readonly Operator _act;
    private Host? _host;

    private protected HotplugTests(DatabaseProvider provider)
    {
        _rig = new ManagementRig(provider: provider);
        _act = new Operator(_rig);
    }

    public async ValueTask InitializeAsync() =>
        _host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE", "28:00.2|10GE", "28:00.3|10GE"));

    [Fact]
    public async Task AttachedDevice_IsTheVms_UntilItStops()
    {
        var vm = await _act.RunAsync();

        await _act.AttachAsync(vm, name: "10GE");
        Assert.Equal([vm.Id, vm.Id, null], Owners());
        await _act.AnswerDevicesAsync(vm, HotplugState.Attached);
        Assert.Equal((JobStatus.Succeeded, null), (_act.LastJob().JobStatus, _act.Look(vm).WorkflowId));
        Assert.Equal(vm.Uuid, Device(2).SeenIn);

        await _act.StopAsync(vm);
        await _act.AnswerAsync(vm, Observation.Off);
        Assert.Equal([null, null, null], Owners());
        await _act.StartAsync(vm);
        Assert.Equal([vm.Id, null, null], Owners());
    }

    [Fact]
    public async Task Device_IsAttachedByItsId_WhenItIsFree()
    {
        var (one, other) = (await _act.RunAsync(), await _act.RunAsync(name: "other"));

        await _act.AttachAsync(one, deviceId: Device(2).Id);
        Assert.Equal("kvm1: 0000:28:00.2 (10GE) is in use", _act.LastJob().JobResult);
        await _act.AttachAsync(one, deviceId: Device(3).Id);
        Assert.Equal([one.Id, other.Id, one.Id], Owners());
    }

    [Fact]
    public async Task DeviceOfAnotherHost_IsNotAttached()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm2", "28:00.1|10GE"));
        var vm = await _act.RunAsync();
        var there = _rig.Read(database => database.Set<PciDevice>().Single(device => device.HostId != _host!.Id)).Id;
        var here = _act.Look(vm).HostId == _host!.Id;

        await _act.AttachAsync(vm, deviceId: here ? there : Device(1).Id);

        Assert.Equal(
            here ? "0000:28:00.1 (10GE) is on kvm2, and vm runs on kvm1" : "0000:28:00.1 (10GE) is on kvm1, and vm runs on kvm2", _act.LastJob().JobResult);
    }

    [Fact]
    public async Task HostThatTakesNothing_GivesNothing()
    {
        var vm = await _act.RunAsync();
        _rig.Execute("UPDATE op_host_capacity SET capacity_state = 'Disabled'; UPDATE host SET resource_state = 'Disabled'");

        await _act.AttachAsync(vm, name: "10GE");

        Assert.Equal((RefusalCause.InsufficientCapacity, "kvm1 is Up and Disabled: it gives out devices only when it is Up and Enabled"), Failure());
        Assert.Equal([vm.Id, null, null], Owners());
    }

    [Fact]
    public async Task Attach_IsRefused_WhenItsNeighbourIsAnothers_AndNotWhenItIsItsOwn()
    {
        var (one, other) = (await _act.RunAsync(), await _act.RunAsync(name: "other"));
        _rig.Execute("UPDATE op_host_pci_devices SET iommu_group = 4 WHERE \"function\" <> 1");

        await _act.AttachAsync(one, name: "10GE");
        Assert.Equal((RefusalCause.InsufficientCapacity, "kvm1: 10GE: 1 asked, 0 free (2 in use, 1 on the same hardware as one in use)"), Failure());
        await _act.AttachAsync(one, deviceId: Device(3).Id);
        Assert.Equal("kvm1: 0000:28:00.3 (10GE) is on the same hardware as one in use", _act.LastJob().JobResult);
        await _act.AttachAsync(other, name: "10GE");
        Assert.Equal([one.Id, other.Id, other.Id], Owners());
    }

    [Fact]
    public async Task LostRace_TakesNothing()
    {
        var vm = await _act.RunAsync();
        _rig.IgnoreUpdates("op_host_pci_devices", "instance_id", "NEW.function > 1");

        await _act.AttachAsync(vm, name: "10GE");

        Assert.Equal(RefusalCause.ConcurrentChange, Failure().Cause);
        Assert.Equal([vm.Id, null, null], Owners());
        Assert.Empty(_rig.Read(database => database.Set<Workflow>().ToList()));
    }

    [Fact]
    public async Task DeviceHasOneOwner_WhenManyVmsAttachAtOnce()
    {
        var offering = _rig.Add(Rows.Offering(speed: 100, ram: 128));
        var vms = new List<VirtualMachine>();
        for (var i = 0; i < 8; i++)
        {
            vms.Add(await _rig.CreateVmAsync(offering, $"vm{i}"));
            await _act.StartAsync(vms[i]);
            await _act.AnswerAsync(vms[i], Observation.Running);
        }

        await Task.WhenAll(vms.Select(vm => Task.Run(() => _act.AttachAsync(vm, name: "10GE"))));

        Assert.Distinct(Owners());
        Assert.DoesNotContain(null, Owners());
        Assert.Equal(3, _rig.Read(database => database.Set<Workflow>().Count()));
        Assert.Equal(5, _rig.Read(database => database.Set<AsyncJob>().Count(job => job.Failure == RefusalCause.InsufficientCapacity)));
    }

    [Fact]
    public async Task DeviceThatCannotBeAttached_IsExchanged_OnTheHostsWordAlone()
    {
        var vm = await _act.RunAsync();
        await _act.AttachAsync(vm, name: "10GE");

        for (var tries = 0; tries < 3; tries++)
        {
            await _act.AnswerDevicesAsync(vm, HotplugState.Failed);
            Assert.Equal([vm.Id, vm.Id, null], Owners());
            if (tries < 2) await OverdueAsync(TimeSpan.FromSeconds(30));
        }

        await _act.AnswerDevicesAsync(vm, HotplugState.Removed);
        Assert.Equal([vm.Id, null, vm.Id], Owners());
        await _act.AnswerDevicesAsync(vm, HotplugState.Attached);
        Assert.Equal(JobStatus.Succeeded, _act.LastJob().JobStatus);
        Assert.Equal(
            ["Discovered", "Claimed", "Released"],
            _rig.Read(database => database.Set<PciDeviceHistory>().Where(line => line.DeviceId == 2).OrderBy(line => line.Id).ToList()).Select(line => line.What.ToString()));
    }

    [Fact]
    public async Task DeviceThatCannotBeAttachedNorCleaned_IsQuarantined()
    {
        var vm = await _act.RunAsync();
        await _act.AttachAsync(vm, deviceId: Device(3).Id);
        for (var tries = 0; tries < 3; tries++)
        {
            await _act.AnswerDevicesAsync(vm, HotplugState.Failed);
            if (tries < 2) await OverdueAsync(TimeSpan.FromSeconds(30));
        }

        await _act.AnswerDevicesAsync(vm, HotplugState.Removed, clean: false);

        Assert.Equal((null, PciDeviceHealth.Quarantined), (Device(3).InstanceId, Device(3).Health));
        Assert.Equal((RefusalCause.OperationFailed, "vm: 0000:28:00.3 (10GE) could not be attached: it is Failed"), Failure());
    }

    [Fact]
    public async Task DetachedDevice_IsFree_AndTheGuestThatKeepsItKeepsIt()
    {
        var vm = await _act.RunAsync("10GE,10GE");

        await _act.DetachAsync(vm, Device(1).Id);
        await _act.AnswerDevicesAsync(vm, HotplugState.Pending);
        Assert.Equal((RefusalCause.OperationFailed, "vm keeps 0000:28:00.1 (10GE): it is Pending"), Failure());
        Assert.Equal([vm.Id, vm.Id, null], Owners());

        await _act.DetachAsync(vm, Device(1).Id);
        await _act.AnswerDevicesAsync(vm, HotplugState.Removed);
        Assert.Equal(JobStatus.Succeeded, _act.LastJob().JobStatus);
        Assert.Equal([null, vm.Id, null], Owners());

        await _act.DetachAsync(vm, Device(2).Id);
        await _act.AnswerDevicesAsync(vm, HotplugState.Removed, clean: false);
        Assert.Equal((null, PciDeviceHealth.Quarantined), (Device(2).InstanceId, Device(2).Health));
    }

    [Fact]
    public async Task Migration_GivesWhatWasAttached_AndNotWhatWasDetached()
    {
        var vm = await _act.RunAsync("10GE,10GE");
        async Task<string> NeededAsync() =>
            (await _rig.RunAsync((PciDeviceManager devices) => devices.NeededAsync(_act.Look(vm), CancellationToken.None))).Listed;

        await _act.DetachAsync(vm, Device(1).Id);
        await _act.AnswerDevicesAsync(vm, HotplugState.Removed);
        Assert.Equal("1 x 10GE", await NeededAsync());

        for (var attached = 0; attached < 2; attached++)
        {
            await _act.AttachAsync(vm, name: "10GE");
            await _act.AnswerDevicesAsync(vm, HotplugState.Attached);
        }

        Assert.Equal(("3 x 10GE", "10GE,10GE,10GE"), (await NeededAsync(), _act.Look(vm).WantedPciDevices));
    }

    [Fact]
    public async Task DeviceOfAnother_IsNotDetached()
    {
        var (one, other) = (await _act.RunAsync(), await _act.RunAsync(name: "other"));

        await _act.DetachAsync(one, Device(2).Id);

        Assert.Equal((RefusalCause.InvalidParameter, "0000:28:00.2 (10GE) is not vm's"), Failure());
        Assert.Equal(other.Id, Device(2).InstanceId);
    }

    [Fact]
    public async Task ForcedStop_DoesNotWaitForTheGuest_AndAllIsGivenBack()
    {
        var vm = await _act.RunAsync();
        await _act.AttachAsync(vm, name: "10GE");

        await _act.StopAsync(vm, forced: true);
        await _act.AnswerAsync(vm, Observation.Off);

        Assert.Equal((VirtualMachineState.Stopped, null), (_act.Look(vm).State, _act.Look(vm).WorkflowId));
        Assert.Equal([null, null, null], Owners());
    }

    public ValueTask DisposeAsync()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private async Task OverdueAsync(TimeSpan after)
    {
        _rig.Time.Advance(after);
        await _rig.RunJobAsync<OverdueWorkflowsJob>();
    }

    private (RefusalCause? Cause, string? Text) Failure() => (_act.LastJob().Failure, _act.LastJob().JobResult);

    private PciDevice Device(int function) =>
        _rig.Read(database => database.Set<PciDevice>().Single(device => device.HostId == _host!.Id && device.Function == function));

    private List<long?> Owners() => _rig.Read(database => database.Set<PciDevice>()
        .Where(device => device.HostId == _host!.Id).OrderBy(device => device.Function).Select(device => device.InstanceId).ToList());

    public sealed class OnSqlite() : HotplugTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : HotplugTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : HotplugTests(DatabaseProvider.SqlServer);
}
