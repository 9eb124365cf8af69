using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Whose devices are whose, on both hosts, while a virtual machine is migrated and afterwards.</summary>
public abstract class MigrationTests : IDisposable
{
    private readonly MigrationScene _scene;

    private protected MigrationTests(DatabaseProvider provider) => _scene = new MigrationScene(provider);

    [Fact]
    public async Task BothHosts_AreHeld_WhileItMigrates()
    {
        var (vm, _) = await MigratingAsync();

        var now = _scene.Act.Look(vm);
        Assert.Equal(
            (VirtualMachineState.Migrating, _scene.Host(_scene.Destination).Id, _scene.Host(_scene.Source).Id),
            (now.State, now.HostId!.Value, now.LastHostId!.Value));
        Assert.All(_scene.Hosts, host => Assert.Equal((2, 1), (_scene.ClaimedOn(host).Count, _scene.TakersOf(host))));
        Assert.Equal(2, _scene.Rig.Bus.Last<PrepareForMigrationCommand>().Vm.PciDevices.Count);
        Assert.Equal(HostStatus.Up, _scene.Host(_scene.Source).Status);
    }

    /// <summary>Its migration has gone on without it: whatever it runs is a copy, until that is settled.</summary>
    [Fact]
    public async Task SourceThatWasDeclaredDown_StaysConnecting_WhileItMigrates()
    {
        await MigratingAsync();
        _scene.Rig.Execute($"UPDATE host SET status = 'Down', declared_down = created WHERE guid = '{_scene.Source.HostGuid}'");

        var host = await _scene.Rig.ConnectAsync(Announcements.Host(_scene.Source.HostGuid, "28:00.1|10GE", "28:00.2|10GE"));

        Assert.Equal(HostStatus.Connecting, host.Status);
        Assert.NotNull(host.DeclaredDown);
    }

    [Fact]
    public async Task AfterASuccess_OnlyTheNewHostIsHeld_AndItsDevicesAreAttached()
    {
        var vm = await _scene.RunningAsync();
        var job = await _scene.MigrateAsync(vm);
        await _scene.RunAsync();

        Assert.Equal((JobStatus.Succeeded, (string?)null), (_scene.Job(job).JobStatus, _scene.Job(job).JobResult));
        Assert.Equal((VirtualMachineState.Running, _scene.Host(_scene.Destination).Id), (_scene.Act.Look(vm).State, _scene.Act.Look(vm).HostId!.Value));
        Assert.Equal((0, 0), (_scene.ClaimedOn(_scene.Source).Count, _scene.TakersOf(_scene.Source)));
        Assert.Equal(_scene.ClaimedOn(_scene.Destination), Assert.Single(_scene.Destination.Domains).PciDevices);
        Assert.Empty(_scene.Source.Domains);
        var capacity = _scene.Rig.Read(database => database.Set<HostCapacity>().OrderBy(row => row.HostId).Select(row => row.CpuUsed).ToList());
        Assert.Equal([0, 1000], capacity);
    }

    [Fact]
    public async Task ReportFromBeforeTheSwitchOver_ThatComesLate_IsNoSighting()
    {
        var vm = await _scene.RunningAsync();
        var late = _scene.Source.Report();
        await _scene.MigrateAsync(vm);
        await _scene.RunAsync();

        await _scene.Rig.Agents.PingAsync(
            new PingRoutingCommand { HostGuid = _scene.Source.HostGuid, SentAt = _scene.Rig.Time.GetUtcNow(), Report = late }, CancellationToken.None);

        Assert.Empty(_scene.Rig.Read(database => database.Set<Sighting>().ToList()));
        Assert.Null(_scene.Act.Look(vm).WorkflowId);
    }

    [Fact]
    public async Task AfterAFailure_OnlyTheOldHostIsHeld()
    {
        var vm = await _scene.RunningAsync();
        _scene.Source.Deaf.Add(PciAddress.Parse("28:00.2"));
        var job = await _scene.MigrateAsync(vm);
        await _scene.RunAsync();

        Assert.Equal((JobStatus.Failed, RefusalCause.OperationFailed), (_scene.Job(job).JobStatus, _scene.Job(job).Failure!.Value));
        Assert.Equal("Unable to migrate: kvm1: not detached", _scene.Job(job).JobResult);
        Assert.Equal((VirtualMachineState.Running, _scene.Host(_scene.Source).Id), (_scene.Act.Look(vm).State, _scene.Act.Look(vm).HostId!.Value));
        Assert.Equal((0, 0), (_scene.ClaimedOn(_scene.Destination).Count, _scene.TakersOf(_scene.Destination)));
        Assert.Equal(_scene.ClaimedOn(_scene.Source), Assert.Single(_scene.Source.Domains).PciDevices);
        Assert.All(_scene.Rig.Read(database => database.Set<PciDevice>().ToList()), device => Assert.Equal(PciDeviceHealth.Good, device.Health));
    }

    [Fact]
    public async Task DevicesThatTheSourceHasTakenAway_AreGivenBack()
    {
        var vm = await _scene.RunningAsync();
        _scene.Source.Refuses = command => command is MigrateCommand ? "interrupted by the end of the agent" : null;
        var job = await _scene.MigrateAsync(vm);
        Assert.True(await _scene.RunAsync(message => message is MigrateCommand));
        _scene.Source.Place(Assert.Single(_scene.Source.Domains) with { PciDevices = [] });
        await _scene.RunAsync();

        Assert.Equal("Unable to migrate: kvm1: interrupted by the end of the agent", _scene.Job(job).JobResult);
        Assert.Equal((2, 0), (_scene.ClaimedOn(_scene.Source).Count, _scene.ClaimedOn(_scene.Destination).Count));
        Assert.Equal(_scene.ClaimedOn(_scene.Source), Assert.Single(_scene.Source.Domains).PciDevices.Order());
    }

    [Fact]
    public async Task DirtyDeviceOfTheDestination_IsQuarantined_AndNothingWasTouched()
    {
        var vm = await _scene.RunningAsync();
        _scene.Destination.Dirty.Add(PciAddress.Parse("28:00.1"));
        _scene.Destination.OnTheWay = answer => [answer is PrepareForMigrationAnswer { MigrationUri: not null } ? answer with { Result = false, Details = "dirty" } : answer];
        var job = await _scene.MigrateAsync(vm);
        await _scene.RunAsync();

        Assert.Equal("Unable to migrate: kvm2: dirty", _scene.Job(job).JobResult);
        Assert.Empty(_scene.ClaimedOn(_scene.Destination));
        var destination = _scene.Host(_scene.Destination).Id;
        Assert.Equal(
            "0000:28:00.1",
            _scene.Rig.Read(database => database.Set<PciDevice>().Single(device => device.HostId == destination && device.Health == PciDeviceHealth.Quarantined)).AddressText);
        Assert.DoesNotContain(_scene.Rig.Bus.Sent, sent => sent.Message is MigrateCommand);
    }

    [Fact]
    public async Task DeviceThatCannotBeAttached_IsExchangedForAnother()
    {
        var vm = await _scene.RunningAsync();
        Break("28:00.1");
        var job = await _scene.MigrateAsync(vm);
        Assert.True(await _scene.SettleAsync());

        Assert.Equal((JobStatus.Succeeded, (string?)null), (_scene.Job(job).JobStatus, _scene.Job(job).JobResult));
        Assert.Equal(["0000:28:00.2", "0000:28:00.3"], _scene.ClaimedOn(_scene.Destination).Select(address => address.ToString()));
        Assert.Equal(_scene.ClaimedOn(_scene.Destination), Assert.Single(_scene.Destination.Domains).PciDevices.Order());
        Assert.Equal("it could not be attached to vm: vfio: device is broken", DeviceOfDestination("28:00.1").HealthReason);
    }

    [Fact]
    public async Task VmRunsWithoutADevice_WhenThereIsNoOther_AndThatIsTold()
    {
        var vm = await _scene.RunningAsync();
        Break("28:00.1", "28:00.3");
        var job = await _scene.MigrateAsync(vm);
        Assert.True(await _scene.SettleAsync());

        Assert.Equal(JobStatus.Succeeded, _scene.Job(job).JobStatus);
        Assert.StartsWith("vm was migrated and runs without all of its devices: 1 x 10GE (", _scene.Job(job).JobResult, StringComparison.Ordinal);
        Assert.Equal(VirtualMachineState.Running, _scene.Act.Look(vm).State);
        Assert.Equal(["0000:28:00.2"], _scene.ClaimedOn(_scene.Destination).Select(address => address.ToString()));
        var told = _scene.Rig.Read(database => database.Set<Event>().Where(one => one.Type == EventTypes.VmMigrate && one.Level == EventLevel.WARN).ToList());
        Assert.Contains(told, one => one.Description == _scene.Job(job).JobResult);
    }

    /// <summary>It may be the user's only way out of a migration that nobody can make out.</summary>
    [Fact]
    public async Task ForcedStop_GetsThrough_WhenBothSidesSayThatItRuns()
    {
        var (vm, migration) = await MigratingAsync();
        _scene.Source.Refuses = command => command is MigrateCommand ? "no" : null;
        _scene.Destination.Place(Announcements.Domain(vm.Uuid) with { Status = DomainStatus.Running });
        Assert.False(await _scene.SettleAsync(5));
        Assert.Equal(VirtualMachineState.Migrating, _scene.Act.Look(vm).State);
        Assert.Single(_scene.Standing(AlertType.VirtualMachineUnsettled));

        var stop = await _scene.ForceStopAsync(vm);
        Assert.True(await _scene.SettleAsync());

        Assert.Equal((JobStatus.Succeeded, JobStatus.Failed), (_scene.Job(stop).JobStatus, _scene.Job(migration).JobStatus));
        Assert.Equal(VirtualMachineState.Stopped, _scene.Act.Look(vm).State);
        Assert.Empty(_scene.Standing(AlertType.VirtualMachineUnsettled));
        Assert.All(_scene.Hosts, host => Assert.Equal((0, 0, 0), (host.Domains.Count, _scene.ClaimedOn(host).Count, _scene.TakersOf(host))));
    }

    [Fact]
    public async Task VmThatMigratesWithoutAWorkflow_IsFound()
    {
        var (vm, _) = await MigratingAsync();
        _scene.Rig.Execute("DELETE FROM workflow");

        Assert.Equal("lines set going: 1, jobs ended: 1", await _scene.Rig.RunJobAsync<OrphansJob>());
        Assert.True(await _scene.SettleAsync());

        var now = _scene.Act.Look(vm);
        Assert.Equal((VirtualMachineState.Running, null), (now.State, now.WorkflowId));
        Assert.All(_scene.Hosts, host => Assert.Equal(now.HostId == _scene.Host(host).Id ? 2 : 0, _scene.ClaimedOn(host).Count));
    }

    [Fact]
    public async Task ForbiddingOffering_IsRefused_AndNothingIsClaimed()
    {
        var vm = await _scene.RunningAsync(PciMigration.Forbid);
        var job = await _scene.MigrateAsync(vm);

        Assert.Equal(RefusalCause.InvalidParameter, _scene.Job(job).Failure);
        Assert.Contains("has pcimigration=Forbid", _scene.Job(job).JobResult, StringComparison.Ordinal);
        Assert.Empty(_scene.ClaimedOn(_scene.Destination));
        Assert.Equal((VirtualMachineState.Running, (long?)null), (_scene.Act.Look(vm).State, _scene.Act.Look(vm).WorkflowId));
    }

    [Fact]
    public async Task VmWithoutDevices_MigratesWhateverItsOfferingSays()
    {
        var vm = await _scene.RunningAsync(PciMigration.Forbid, "");
        var job = await _scene.MigrateAsync(vm);
        await _scene.RunAsync();

        Assert.Equal(JobStatus.Succeeded, _scene.Job(job).JobStatus);
        Assert.DoesNotContain(_scene.Rig.Bus.Sent, sent => sent.Message is AttachPciDevicesCommand);
    }

    [Fact]
    public async Task HostOfAnotherCluster_IsNoDestination_UnlessMigrationsMayLeaveIt()
    {
        foreach (var across in new[] { false, true })
        {
            using var scene = new MigrationScene(_scene.Rig.Database.Provider, new WorkflowOptions { MigrateAcrossClusters = across });
            var vm = await scene.RunningAsync();
            await scene.Rig.ConnectAsync(Announcements.Host("kvm3", "28:00.1|10GE", "28:00.2|10GE") with { Cluster = "cluster2" });
            scene.Rig.Execute("UPDATE op_host_pci_devices SET enabled = '0' WHERE host_id IN (SELECT id FROM host WHERE name = 'kvm2')");
            scene.Rig.Execute("UPDATE op_host_capacity SET capacity_state = 'Disabled' WHERE host_id IN (SELECT id FROM host WHERE name = 'kvm2')");
            var job = await scene.MigrateAsync(vm);

            Assert.Equal(across ? null : RefusalCause.InsufficientCapacity, scene.Job(job).Failure);
            if (!across) Assert.DoesNotContain("kvm3", scene.Job(job).JobResult, StringComparison.Ordinal);
            else Assert.Equal("kvm3", scene.Rig.Read(database => database.Set<Host>().Single(host => host.Id == scene.Act.Look(vm).HostId)).Name);
        }
    }

    [Fact]
    public async Task History_TellsOfClaimsAndReleasesOnBothHosts()
    {
        var vm = await _scene.RunningAsync();
        await _scene.MigrateAsync(vm);
        await _scene.RunAsync();

        var lines = _scene.Rig.Read(database => database.Set<PciDeviceHistory>().Where(line => line.VmId == vm.Id).OrderBy(line => line.Id).ToList());
        var (source, destination) = (_scene.Host(_scene.Source).Id, _scene.Host(_scene.Destination).Id);
        Assert.Equal(
            [
                (source, PciDeviceChange.Claimed), (source, PciDeviceChange.Claimed),
                (destination, PciDeviceChange.Claimed), (destination, PciDeviceChange.Claimed),
                (source, PciDeviceChange.Released), (source, PciDeviceChange.Released),
            ],
            lines.Select(line => (line.HostId, line.What)));
        var told = _scene.Rig.Read(database => database.Set<Event>().Where(one => one.Type == EventTypes.VmMigrate).OrderBy(one => one.Id).Select(one => one.Description).ToList());
        Assert.Equal("kvm1: 0000:28:00.1 Removed after 0.1 s, 0000:28:00.2 Removed after 0.1 s", told[1]);
        Assert.Equal("completed", told[^1]);
    }

    public void Dispose()
    {
        _scene.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The source is told next.</summary>
    private async Task<(VirtualMachine Vm, StepOutcome Job)> MigratingAsync()
    {
        var vm = await _scene.RunningAsync();
        var job = await _scene.MigrateAsync(vm);
        Assert.True(await _scene.RunAsync(message => message is MigrateCommand));
        return (vm, job);
    }

    /// <summary>The destination attaches everything but these.</summary>
    private void Break(params string[] addresses)
    {
        var broken = addresses.Select(PciAddress.Parse).ToHashSet();
        _scene.Destination.Broken.UnionWith(broken);
    }

    private PciDevice DeviceOfDestination(string address)
    {
        var hostId = _scene.Host(_scene.Destination).Id;
        return _scene.Rig.Read(database => database.Set<PciDevice>().AsEnumerable().Single(
            device => device.HostId == hostId && device.Address == PciAddress.Parse(address)));
    }

    public sealed class OnSqlite() : MigrationTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : MigrationTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : MigrationTests(DatabaseProvider.SqlServer);
}
