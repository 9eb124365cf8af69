using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.AttachPciDevices;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Virtual machines that run without all of the devices of their offering, and how they get them back.</summary>
public abstract class DegradedVirtualMachineTests : IAsyncLifetime
{
    private static readonly string[] Devices = ["28:00.1|10GE", "28:00.2|10GE"];
    private readonly ManagementRig _rig;
    private readonly Operator _act;
    private Host? _host;

    private protected DegradedVirtualMachineTests(DatabaseProvider provider)
    {
        _rig = new ManagementRig(provider: provider);
        _act = new Operator(_rig);
    }

    public async ValueTask InitializeAsync() => _host = await _rig.ConnectAsync(Announcements.Host("kvm1", Devices));

    [Fact]
    public async Task VmThatHasAll_IsNotDegraded_ThoughNoReportHasSaidSoYet()
    {
        var vm = await _act.RunAsync();

        Assert.Equal((null, null), (_act.Look(vm).DegradedSince, _act.Look(vm).RepairAt));
        Assert.Null(await RepairAsync());
    }

    [Fact]
    [ShowsEndOf(AlertType.VirtualMachineDegraded)]
    public async Task DeviceThatLeftItsDomain_IsAttachedAgain()
    {
        var vm = await _act.RunAsync();
        await ReportAsync(Announcements.Domain(vm.Uuid, "28:00.1"));
        await ReportAsync(Announcements.Domain(vm.Uuid));
        Assert.Equal("10GE: 0 of 1 (1 not in its domain)", _act.Look(vm).DegradedWhy);
        Assert.EndsWith("-VM) runs without all of its PCI devices", Standing(AlertType.VirtualMachineDegraded)!.Subject, StringComparison.Ordinal);
        Assert.NotNull(Standing(AlertType.PciDeviceNotInDomain));
        Assert.Equal(1, await CountAsync());

        Assert.Equal("repairs begun: 1", await RepairAsync());
        await ReportAsync(Announcements.Domain(vm.Uuid));
        Assert.NotNull(Standing(AlertType.PciDeviceNotInDomain));
        await _rig.DeliverAsync();
        var command = _rig.Bus.Last<AttachPciDevicesCommand>();
        Assert.Equal(("0000:28:00.1", 2L), (Assert.Single(command.PciDevices).Address.ToString(), command.Number));
        await _act.AnswerDevicesAsync(vm, HotplugState.Attached);

        Assert.Equal((null, null, null), (_act.Look(vm).DegradedSince, _act.Look(vm).DegradedWhy, _act.Look(vm).RepairAt));
        Assert.Null(Standing(AlertType.VirtualMachineDegraded));
        Assert.Equal(0, await CountAsync());
        await ReportAsync(Announcements.Domain(vm.Uuid, "28:00.1"));
        Assert.Null(Standing(AlertType.PciDeviceNotInDomain));
        Assert.Equal(
            [
                "WARN: vm (i-1-1-VM) runs without all of its PCI devices: 10GE: 0 of 1 (1 not in its domain)",
                "INFO: attaching 10GE to vm, which lacks it: started",
                "INFO: vm no longer runs without all of its PCI devices: it has all of them",
                "INFO: completed",
            ],
            Told(EventTypes.VmDegraded, EventTypes.VmRepair));
    }

    [Fact]
    public async Task DeviceAttachedByHand_ThatLeftItsDomain_IsAttachedAgain()
    {
        var vm = await _act.RunAsync();
        await _act.AttachAsync(vm, name: "10GE");
        await _act.AnswerDevicesAsync(vm, HotplugState.Attached);

        await ReportAsync(Announcements.Domain(vm.Uuid, "28:00.1"));

        Assert.Equal("10GE: 1 of 2 (1 not in its domain)", _act.Look(vm).DegradedWhy);
        Assert.Equal("repairs begun: 1", await RepairAsync());
    }

    [Fact]
    public async Task VmThatLostADevice_IsGivenTheNextThatComesFree()
    {
        var (vm, other) = (await _act.RunAsync(), await _act.RunAsync(name: "other"));
        await LoseAsync(vm);
        Assert.Equal(("10GE: 0 of 1", 1), (_act.Look(vm).DegradedWhy, Free()));
        await RepairAsync(after: TimeSpan.FromHours(1));
        Assert.Null(_act.Look(vm).WorkflowId);

        await _act.StopAsync(other);
        await _act.AnswerAsync(other, Observation.Off);
        Assert.Equal("repairs begun: 1", await RepairAsync(after: TimeSpan.FromSeconds(10)));
        await _act.AnswerDevicesAsync(vm, HotplugState.Attached);

        Assert.Equal(vm.Id, Device(2).InstanceId);
        Assert.Null(_act.Look(vm).DegradedSince);
    }

    [Fact]
    public async Task Repair_ThatFails_IsTriedAgain_LaterEachTime()
    {
        var vm = await _act.RunAsync();
        await ReportAsync(Announcements.Domain(vm.Uuid));
        var waits = new List<TimeSpan>();
        for (var tries = 0; tries < 3; tries++)
        {
            Assert.Equal("repairs begun: 1", await RepairAsync());
            await _act.AnswerDevicesAsync(vm, HotplugState.Pending);
            waits.Add(_act.Look(vm).RepairAt!.Value - _rig.Time.GetUtcNow());
            Assert.Null(await RepairAsync());
            _rig.Time.Advance(waits[^1]);
        }

        Assert.Equal([1.0, 2.0, 4.0], waits.Select(wait => wait.TotalMinutes));
        Assert.Equal(3, _rig.Read(database => database.Set<AsyncJob>().Count(job => job.EventType == EventTypes.VmRepair && job.JobStatus == JobStatus.Failed)));
        Assert.Equal(vm.Id, Device(1).InstanceId);
    }

    [Fact]
    public async Task TwoThatLackADevice_DoNotAskForTheSame()
    {
        var (one, other) = (await _act.RunAsync(), await _act.RunAsync(name: "other"));
        await LoseAsync(one);
        await LoseAsync(other);
        _rig.Execute("UPDATE op_host_pci_devices SET health = 'Good', health_reason = NULL WHERE \"function\" = 1");

        Assert.Equal("repairs begun: 1", await RepairAsync(after: TimeSpan.FromHours(1)));

        Assert.Equal(1, _rig.Read(database => database.Set<Workflow>().Count()));
    }

    [Fact]
    public async Task DeviceThatAnOperatorDetached_IsNotMissed()
    {
        var vm = await _act.RunAsync("10GE,10GE");
        await _act.DetachAsync(vm, Device(1).Id);
        await _act.AnswerDevicesAsync(vm, HotplugState.Removed);
        Assert.Equal((null, "10GE"), (_act.Look(vm).DegradedWhy, _act.Look(vm).WantedPciDevices));
        await ReportAsync(Announcements.Domain(vm.Uuid, "28:00.2"));
        Assert.Null(await RepairAsync(after: TimeSpan.FromHours(1)));

        await _act.AttachAsync(vm, name: "10GE");
        await _act.AnswerDevicesAsync(vm, HotplugState.Attached);
        Assert.Equal((null, null), (_act.Look(vm).DegradedSince, _act.Look(vm).WantedPciDevices));
        Assert.Equal([vm.Id, vm.Id], new[] { Device(1).InstanceId, Device(2).InstanceId });
    }

    [Fact]
    public async Task LateRemoval_AfterADetachThatFailed_IsMended()
    {
        var vm = await _act.RunAsync();
        await _act.DetachAsync(vm, Device(1).Id);
        await _act.AnswerDevicesAsync(vm, HotplugState.Pending);
        await ReportAsync(Announcements.Domain(vm.Uuid));

        Assert.Equal("repairs begun: 1", await RepairAsync());
        await _rig.DeliverAsync();
        Assert.Equal(Device(1).Id, Assert.Single(_rig.Bus.Last<AttachPciDevicesCommand>().PciDevices).Id);
    }

    [Fact]
    public async Task VmThatStops_IsNotDegradedAnyMore_AndStartsWithAll()
    {
        var vm = await _act.RunAsync("10GE,10GE");
        await _act.DetachAsync(vm, Device(1).Id);
        await _act.AnswerDevicesAsync(vm, HotplugState.Removed);
        await ReportAsync(Announcements.Domain(vm.Uuid));
        Assert.NotNull(Standing(AlertType.VirtualMachineDegraded));

        await _act.StopAsync(vm);
        Assert.Null(Standing(AlertType.VirtualMachineDegraded));
        await _act.AnswerAsync(vm, Observation.Off);
        await _act.StartAsync(vm);
        await _act.AnswerAsync(vm, Observation.Running);

        Assert.Equal((vm.Id, vm.Id), (Device(1).InstanceId, Device(2).InstanceId));
        Assert.Equal((null, null), (_act.Look(vm).DegradedSince, _act.Look(vm).WantedPciDevices));
    }

    [Fact]
    public async Task VmThatDoesNotStop_IsStillDegraded()
    {
        var vm = await _act.RunAsync("10GE,10GE");
        await LoseAsync(vm);

        await _act.StopAsync(vm);
        await _act.AnswerAsync(vm, Observation.Running, result: false);

        Assert.Equal("10GE: 1 of 2", _act.Look(vm).DegradedWhy);
        Assert.NotNull(Standing(AlertType.VirtualMachineDegraded));
    }

    [Fact]
    public async Task NothingIsTried_WhileTheHostIsAway()
    {
        var vm = await _act.RunAsync();
        await ReportAsync(Announcements.Domain(vm.Uuid));
        _rig.Execute("UPDATE host SET status = 'Alert'");
        Assert.Null(await RepairAsync());

        _rig.Execute("UPDATE host SET status = 'Up'");
        Assert.Equal("repairs begun: 1", await RepairAsync(after: TimeSpan.FromSeconds(10)));
    }

    public ValueTask DisposeAsync()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Its device leaves its domain, cannot be attached again, and comes dirty out of its reset.</summary>
    private async Task LoseAsync(VirtualMachine vm)
    {
        await ReportAsync([.. Running().Select(one => one.Id == vm.Id
            ? Announcements.Domain(one.Uuid)
            : Announcements.Domain(one.Uuid, [.. Owned(one)]))]);
        Assert.Equal("repairs begun: 1", await RepairAsync());
        for (var tries = 0; tries < 3; tries++)
        {
            await _act.AnswerDevicesAsync(vm, HotplugState.Failed);
            if (tries == 2) break;
            _rig.Time.Advance(TimeSpan.FromSeconds(30));
            await _rig.RunJobAsync<OverdueWorkflowsJob>();
        }

        await _act.AnswerDevicesAsync(vm, HotplugState.Removed, clean: false);
        Assert.Null(_act.Look(vm).WorkflowId);
    }

    private List<VirtualMachine> Running() =>
        _rig.Read(database => database.Set<VirtualMachine>().Where(vm => vm.State == VirtualMachineState.Running).ToList());

    private List<string> Owned(VirtualMachine vm) =>
        _rig.Read(database => database.Set<PciDevice>().Where(device => device.InstanceId == vm.Id).Select(device => device.AddressText).ToList());

    private Task ReportAsync(params DomainReport[] domains) => _rig.Agents.PingAsync(
        Announcements.Ping("kvm1", Announcements.Report(Devices) with { VirtualMachines = [.. domains] }, _host!.Session, ++_act.Sequence) with
        {
            SentAt = _rig.Time.GetUtcNow(),
        },
        CancellationToken.None);

    private Task<int> CountAsync() => _rig.RunAsync((DegradationManager vms) => vms.CountAsync(CancellationToken.None));

    private Task<string?> RepairAsync(TimeSpan after = default)
    {
        _rig.Time.Advance(after);
        return _rig.RunJobAsync<RepairsJob>();
    }

    private int Free() => _rig.Read(database => database.Set<PciDevice>().Count(device => device.InstanceId == null));

    private PciDevice Device(int function) => _rig.Read(database => database.Set<PciDevice>().Single(device => device.Function == function));

    private Alert? Standing(AlertType type) => _rig.Read(database => database.Set<Alert>().SingleOrDefault(row => row.Type == type && row.Resolved == null));

    private List<string> Told(params string[] types) => _rig.Read(database => database.Set<Event>()
        .Where(row => types.Contains(row.Type)).OrderBy(row => row.Id).AsEnumerable().Select(row => $"{row.Level}: {row.Description}").ToList());

    public sealed class OnSqlite() : DegradedVirtualMachineTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : DegradedVirtualMachineTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : DegradedVirtualMachineTests(DatabaseProvider.SqlServer);
}
