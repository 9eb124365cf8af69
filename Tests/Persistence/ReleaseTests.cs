using Microsoft.Extensions.Logging;
using PciBus.Contracts.PciDevices;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

public abstract class ReleaseTests : IDisposable
{
    private readonly ManagementRig _rig;

    private protected ReleaseTests(DatabaseProvider provider) => _rig = new ManagementRig(provider: provider);

    [Fact]
    public async Task Device_IsFree_WhenItsHostSaysOffAndItCameClean()
    {
        var (host, vm) = await RunningAsync();

        await StopAsync(vm, Evidence(host, clean: true));

        var device = TheDevice();
        Assert.Equal((null, 2, PciDeviceHealth.Good), (device.InstanceId, device.Claim, device.Health));
        Assert.Null(device.ClaimedName);
        Assert.Equal(0, _rig.Read(database => database.Set<HostCapacityOfVm>().Count()));
        Assert.Equal((0L, 0L), _rig.Read(database => database.Set<HostCapacity>().AsEnumerable().Select(row => (row.CpuUsed, row.RamUsed)).Single()));
        Assert.Contains(History(), line => line.What == PciDeviceChange.Released && line.VmId == vm.Id);
    }

    [Fact]
    public async Task Device_StaysClaimed_WhenThereIsNoEvidence()
    {
        var (_, vm) = await RunningAsync();

        await StopAsync(vm);

        Assert.Equal((vm.Id, 1), (TheDevice().InstanceId, TheDevice().Claim));
        Assert.Equal(1, _rig.Read(database => database.Set<HostCapacityOfVm>().Count()));
    }

    [Fact]
    public async Task Device_StaysClaimed_WhenTheEvidenceIsFromAnotherHost()
    {
        var (_, vm) = await RunningAsync();
        var other = await _rig.ConnectAsync(Announcements.Host("kvm2", "28:00.1|10GE"));

        await StopAsync(vm, Evidence(other, clean: true));

        Assert.Equal(vm.Id, _rig.Read(database => database.Set<PciDevice>().Single(device => device.HostId != other.Id)).InstanceId);
    }

    [Fact]
    public async Task DeviceOfAnotherVm_StaysItsOwn()
    {
        var (host, vm) = await RunningAsync();
        var other = await _rig.CreateVmAsync(_rig.Add(Rows.Offering()), "other");

        await OffAsync(other, Evidence(host, clean: true));

        Assert.Equal((vm.Id, 1), (TheDevice().InstanceId, TheDevice().Claim));
        Assert.Equal(1, _rig.Read(database => database.Set<HostCapacityOfVm>().Count()));
    }

    [Theory]
    [InlineData(false, "it did not come out of its reset")]
    [InlineData(null, "the host did not say whether it is clean")]
    public async Task Device_IsReleasedAndQuarantinedInOne_WhenItDidNotComeClean(bool? clean, string why)
    {
        var (host, vm) = await RunningAsync();

        await StopAsync(vm, Evidence(host, clean));

        var device = TheDevice();
        Assert.Equal((null, 2, PciDeviceHealth.Quarantined, why), (device.InstanceId, device.Claim, device.Health, device.HealthReason));
        Assert.Equal([PciDeviceChange.Released, PciDeviceChange.Quarantined], History().Select(line => line.What).TakeLast(2));
    }

    [Fact]
    public async Task UntouchedDevice_NeedsNoCleaning()
    {
        var (host, vm) = await RunningAsync();

        await StopAsync(vm, new OffEvidence(host.Id, 0, 0, true, []));

        Assert.Equal((null, PciDeviceHealth.Good), (TheDevice().InstanceId, TheDevice().Health));
    }

    [Fact]
    public async Task UnconfiguredDevice_Goes_WhenItsOwnerLetsItGo()
    {
        var (host, vm) = await RunningAsync();
        await _rig.Agents.PingAsync(
            Announcements.Ping("kvm1", Announcements.Report() with { VirtualMachines = [Announcements.Domain(vm.Uuid)] }, host.Session, 2),
            CancellationToken.None);
        Assert.Equal(vm.Id, TheDevice().InstanceId);

        await StopAsync(vm, Evidence(host, clean: true));

        Assert.Equal(0, _rig.Read(database => database.Set<PciDevice>().Count()));
        Assert.Equal(PciDeviceChange.Removed, History()[^1].What);
    }

    [Fact]
    public async Task OlderReport_DoesNotPutTheDeviceBackIntoADomain()
    {
        var (host, vm) = await RunningAsync();
        await StopAsync(vm, Evidence(host, clean: true, sequence: 9));

        await _rig.Agents.PingAsync(
            Announcements.Ping(
                "kvm1",
                Announcements.Report("28:00.1|10GE") with { VirtualMachines = [Announcements.Domain(vm.Uuid, "28:00.1")] },
                host.Session,
                8),
            CancellationToken.None);

        Assert.Null(TheDevice().SeenIn);
    }

    [Fact]
    public async Task SecondRelease_ChangesNothing()
    {
        var (host, vm) = await RunningAsync();
        await StopAsync(vm, Evidence(host, clean: true));

        await OffAsync(vm, Evidence(host, clean: false));

        Assert.Equal((2, PciDeviceHealth.Good), (TheDevice().Claim, TheDevice().Health));
        Assert.Equal(0, _rig.Read(database => database.Set<HostCapacity>().Single()).CpuUsed);
    }

    [Fact]
    public async Task Release_ChangesNothing_AndIsLogged_WhenTheClaimIsNotTheOneThatWasRead()
    {
        var (host, vm) = await RunningAsync();
        _rig.IgnoreUpdates("op_host_pci_devices", "instance_id");

        await StopAsync(vm, Evidence(host, clean: false));

        Assert.Equal((vm.Id, 1, PciDeviceHealth.Good), (TheDevice().InstanceId, TheDevice().Claim, TheDevice().Health));
        Assert.DoesNotContain(History(), line => line.What is PciDeviceChange.Released or PciDeviceChange.Quarantined);
        Assert.Contains(_rig.Log.Lines, line => line.Level == LogLevel.Warning && line.Text.StartsWith("Nothing released", StringComparison.Ordinal));
    }

    /// <summary>A claim between the look at the host's devices and the host's class would be forgotten by that class.</summary>
    [Fact]
    public async Task AnswerToAReset_StandsInTheLineOfClaims_BeforeItWritesOrLooks()
    {
        var (host, vm) = await RunningAsync();
        await StopAsync(vm, Evidence(host, clean: false));
        var job = await _rig.RunAsync((PciDeviceQuarantineManager quarantine) => quarantine.BeginReleaseAsync(
            TheDevice(), new JobRequest("releasePciDevice", Caller.Admin, EventTypes.PciDeviceRelease, "test"), CancellationToken.None));
        var statements = new StatementLog();
        using var other = _rig.AnotherServer(statements);

        await other.Agents.AnswerAsync(
            new ResetPciDeviceAnswer
            {
                CommandId = job.Uuid,
                HostGuid = host.Guid,
                Session = host.Session,
                DeviceId = TheDevice().Id,
                Claim = TheDevice().Claim,
                Result = true,
            },
            CancellationToken.None);

        Assert.Equal(PciDeviceHealth.Good, TheDevice().Health);
        var writes = statements.Texts.Where(text => text.StartsWith("UPDATE", StringComparison.Ordinal)).ToList();
        Assert.Contains("op_host_capacity", writes[0], StringComparison.Ordinal);
        Assert.Contains(writes, text => text.Contains("op_host_pci_devices", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnswerToAReset_EndsTheQuarantineThatItWasAskedIn_Only(bool claimedSince)
    {
        var (host, vm) = await RunningAsync();
        await StopAsync(vm, Evidence(host, clean: false));
        var device = TheDevice();
        var job = await _rig.RunAsync((PciDeviceQuarantineManager quarantine) => quarantine.BeginReleaseAsync(
            device, new JobRequest("releasePciDevice", Caller.Admin, EventTypes.PciDeviceRelease, "test"), CancellationToken.None));
        await _rig.DeliverAsync();
        if (claimedSince) _rig.Execute("UPDATE op_host_pci_devices SET claim = claim + 2, health_reason = 'dirty again'");

        var reset = _rig.Bus.Last<ResetPciDeviceCommand>();
        await _rig.Agents.AnswerAsync(
            new ResetPciDeviceAnswer
            {
                CommandId = reset.CommandId,
                HostGuid = host.Guid,
                Session = host.Session,
                DeviceId = device.Id,
                Claim = reset.Device.Claim,
                Result = true,
            },
            CancellationToken.None);

        Assert.Equal(claimedSince ? PciDeviceHealth.Quarantined : PciDeviceHealth.Good, TheDevice().Health);
        var ended = _rig.Read(database => database.Set<AsyncJob>().Single(row => row.Id == job.Id));
        Assert.Equal(claimedSince ? JobStatus.Failed : JobStatus.Succeeded, ended.JobStatus);
    }

    [Theory]
    [InlineData("another host")]
    [InlineData("another device's job")]
    [InlineData("a job of no device")]
    public async Task AnswerToAReset_CountsFromTheHostThatWasAsked_AndForItsDevice(string wrong)
    {
        var (host, vm) = await RunningAsync();
        await StopAsync(vm, Evidence(host, clean: false));
        var device = TheDevice();
        var another = await _rig.ConnectAsync(Announcements.Host("kvm2", "28:00.1|other"));
        var theirs = _rig.Read(database => database.Set<PciDevice>().Single(row => row.HostId == another.Id));
        Assert.Equal(host.Session, another.Session);
        var asked = wrong == "another host" ? device : theirs;
        var job = await _rig.RunAsync((PciDeviceQuarantineManager quarantine) => quarantine.BeginReleaseAsync(
            asked, new JobRequest("releasePciDevice", Caller.Admin, EventTypes.PciDeviceRelease, "test"), CancellationToken.None));
        if (wrong == "a job of no device") _rig.Execute($"UPDATE async_job SET instance_type = 'VirtualMachine', instance_id = {device.Id}");

        await _rig.Agents.AnswerAsync(
            new ResetPciDeviceAnswer
            {
                CommandId = job.Uuid,
                HostGuid = wrong == "another host" ? another.Guid : host.Guid,
                Session = host.Session,
                DeviceId = device.Id,
                Claim = device.Claim,
                Result = true,
            },
            CancellationToken.None);

        Assert.Equal(PciDeviceHealth.Quarantined, _rig.Read(database => database.Set<PciDevice>().Single(row => row.Id == device.Id)).Health);
        Assert.Equal(JobStatus.InProgress, _rig.Read(database => database.Set<AsyncJob>().Single(row => row.Id == job.Id)).JobStatus);
        Assert.Contains(_rig.Log.Lines, line => line.Text.EndsWith("for which it was not asked: it is ignored", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task<(Host Host, VirtualMachine Vm)> RunningAsync()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));
        await MoveAsync(vm, VirtualMachineEvent.StartRequested, null);
        await MoveAsync(vm, VirtualMachineEvent.OperationRetry, host.Id);
        await MoveAsync(vm, VirtualMachineEvent.OperationSucceeded, host.Id);
        return (host, vm);
    }

    private Task StopAsync(VirtualMachine vm, params OffEvidence[] evidence) =>
        MoveAsync(vm, VirtualMachineEvent.AgentReportStopped, null, evidence);

    private async Task MoveAsync(VirtualMachine vm, VirtualMachineEvent @event, long? hostId, params OffEvidence[] evidence) =>
        Assert.Null(await _rig.TryAsync(async (VirtualMachineManager manager) => await manager.TransitAsync(
            await manager.LoadAsync(vm.Id, CancellationToken.None), @event, hostId, new TransitionReason("test", null, evidence), CancellationToken.None)));

    private Task OffAsync(VirtualMachine vm, OffEvidence evidence) => _rig.RunAsync(async (VirtualMachineManager manager) =>
        await manager.OffAsync(
            await manager.LoadAsync(vm.Id, CancellationToken.None), evidence, new TransitionReason("test", null, [evidence]), CancellationToken.None));

    private static OffEvidence Evidence(Host host, bool? clean, long sequence = 5) => new(
        host.Id,
        host.Session,
        sequence,
        false,
        clean is { } isClean ? [new PciDeviceCleaning { Address = PciAddress.Parse("28:00.1"), Clean = isClean }] : []);

    private PciDevice TheDevice() => _rig.Read(database => database.Set<PciDevice>().Single());

    private List<PciDeviceHistory> History() =>
        _rig.Read(database => database.Set<PciDeviceHistory>().OrderBy(line => line.Id).ToList());

    public sealed class OnSqlite() : ReleaseTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : ReleaseTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : ReleaseTests(DatabaseProvider.SqlServer);
}
