using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StartVirtualMachine;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Hosts that are declared down and come back, and what becomes of their virtual machines.</summary>
public abstract class DownHostTests : IDisposable
{
    private readonly HostLife _life;

    private protected DownHostTests(DatabaseProvider provider) => _life = new HostLife(provider);

    [Fact]
    public async Task HostThatIsUp_CannotBeDeclaredDown()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));

        var refusal = await _life.DeclareDownAsync(host);

        Assert.Equal("kvm1 is Up; only a host in Alert or Disconnected can be declared down", refusal!.Text);
        Assert.Equal((HostStatus.Up, host.Session), (_life.Look(host).Status, _life.Look(host).Session));
    }

    [Fact]
    public async Task OfDeclarationAndAnnouncement_OneWins()
    {
        var host = await _life.SilentAsync("kvm1");
        await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        Assert.NotNull(await _life.DeclareDownAsync(host));

        await _life.SilentAsync("kvm1");
        Assert.Null(await _life.DeclareDownAsync(host));
        Assert.Equal(HostStatus.Down, _life.Look(host).Status);

        // What it says in the session that ended with the declaration is nothing; it has to announce itself.
        await _life.PingAsync(host, 99);
        Assert.Equal(HostStatus.Down, _life.Look(host).Status);
        Assert.True(_life.Rig.Bus.Last<PingAnswer>().SendStartup);
        Assert.Equal(HostStatus.Up, (await _life.Rig.ConnectAsync(Announcements.Host("kvm1"))).Status);
        Assert.Null(_life.Look(host).DeclaredDown);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task VmOnADownHost_IsStopped_KeepsItsClaim_AndIsStartedElsewhereWhenItIsHighlyAvailable(bool highlyAvailable)
    {
        var (first, second, vm) = await _life.LostAsync(highlyAvailable);

        Assert.Equal((VirtualMachineState.Stopped, null), (_life.Act.Look(vm).State, _life.Act.Look(vm).HostId));
        await _life.Rig.RunJobAsync<RestartsJob>();

        Assert.Equal(vm.Id, _life.DeviceOf(first).InstanceId);
        Assert.Equal(highlyAvailable ? VirtualMachineState.Starting : VirtualMachineState.Stopped, _life.Act.Look(vm).State);
        Assert.Equal(highlyAvailable ? vm.Id : null, _life.DeviceOf(second).InstanceId);
        if (!highlyAvailable) return;
        await _life.Act.AnswerAsync(vm, Observation.Running);
        Assert.Equal((VirtualMachineState.Running, second.Id, null), (_life.Act.Look(vm).State, _life.Act.Look(vm).HostId, _life.Act.Look(vm).RestartAt));
    }

    [Fact]
    public async Task VmOnADownHost_IsStartedAgain_AlsoWhenTheHostIsBackBeforeAnybodyHasLooked()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var offering = Rows.Offering("10GE");
        offering.HaEnabled = true;
        var vm = await _life.Rig.CreateVmAsync(_life.Rig.Add(offering));
        await _life.Act.StartAsync(vm);
        await _life.Act.AnswerAsync(vm, Observation.Running);
        await _life.LoseAsync(host);

        host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        Assert.Equal(HostStatus.Connecting, host.Status);
        await _life.Act.AnswerAsync(vm, Observation.Off);

        Assert.Equal((VirtualMachineState.Stopped, null), (_life.Act.Look(vm).State, _life.DeviceOf(host).InstanceId));
        await _life.PingAsync(host, 200);
        Assert.Equal(HostStatus.Up, _life.Look(host).Status);
        await _life.Rig.RunJobAsync<RestartsJob>();
        Assert.Equal(VirtualMachineState.Starting, _life.Act.Look(vm).State);
    }

    [Fact]
    public async Task CommandToADownHost_IsNotWaitedFor()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var vm = await _life.Act.RunAsync();
        await _life.Act.StopAsync(vm);
        await _life.LoseAsync(host);

        await _life.Rig.RunJobAsync<DownHostsJob>();

        Assert.Equal((VirtualMachineState.Stopped, vm.Id), (_life.Act.Look(vm).State, _life.DeviceOf(host).InstanceId));
    }

    [Fact]
    public async Task StartThatHasLeftADownHost_DoesNotLeaveTheNextOneForIt()
    {
        var first = await _life.Rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var vm = await _life.Rig.CreateVmAsync(_life.Rig.Add(Rows.Offering("10GE")));
        await _life.Act.StartAsync(vm);
        await _life.Rig.ConnectAsync(Announcements.Host("kvm2", "28:00.1|10GE"));
        await _life.Rig.ConnectAsync(Announcements.Host("kvm3", "28:00.1|10GE"));
        var workflow = _life.Rig.Read(database => database.Set<Workflow>().Single());

        await _life.Rig.Runner.FeedAsync(workflow.Id, new HostDown(first.Id), CancellationToken.None);
        Assert.Equal(first.Id, _life.Act.Look(vm).HostId);

        await _life.LoseAsync(first);
        await _life.Rig.Runner.FeedAsync(workflow.Id, new HostDown(first.Id), CancellationToken.None);
        var next = _life.Act.Look(vm).HostId;
        Assert.NotEqual(first.Id, next);
        await _life.Rig.Runner.FeedAsync(workflow.Id, new HostDown(first.Id), CancellationToken.None);
        await _life.Rig.Runner.FeedAsync(workflow.Id, new AgentSession(first.Id), CancellationToken.None);
        Assert.Equal((VirtualMachineState.Starting, next), (_life.Act.Look(vm).State, _life.Act.Look(vm).HostId));
    }

    [Fact]
    public async Task VmThatItsUserStops_IsNotStartedAgain()
    {
        var (_, _, vm) = await _life.LostAsync(highlyAvailable: true);
        Assert.NotNull(_life.Act.Look(vm).RestartAt);

        await _life.Act.StopAsync(vm);
        await _life.Rig.RunJobAsync<RestartsJob>();

        Assert.Equal((VirtualMachineState.Stopped, null), (_life.Act.Look(vm).State, _life.Act.Look(vm).RestartAt));
    }

    [Fact]
    public async Task RestartThatFindsNoHost_IsAnAlert_AndTriedAgainLater()
    {
        var (_, second, vm) = await _life.LostAsync(highlyAvailable: true);
        _life.Rig.Execute($"UPDATE op_host_capacity SET capacity_state = 'Disabled' WHERE host_id = {second.Id}");

        await _life.Rig.RunJobAsync<RestartsJob>();
        await _life.Rig.RunJobAsync<RestartsJob>();

        Assert.Equal(_life.Rig.Time.GetUtcNow() + HostLife.Options.RestartRetryInterval, _life.Act.Look(vm).RestartAt);
        Assert.Equal("vm could not be started again", _life.Standing(AlertType.RestartFailed).Subject);
        _life.Rig.Execute($"UPDATE op_host_capacity SET capacity_state = 'Enabled' WHERE host_id = {second.Id}");
        _life.Rig.Time.Advance(HostLife.Options.RestartRetryInterval);
        await _life.Rig.RunJobAsync<RestartsJob>();
        Assert.Equal(VirtualMachineState.Starting, _life.Act.Look(vm).State);
    }

    [Fact]
    public async Task CopyOnAHostThatComesBack_IsEnded_WhenTheOtherHostSaysThatItRunsThere()
    {
        var (first, second, vm) = await _life.LostAsync(highlyAvailable: true);
        await _life.Rig.RunJobAsync<RestartsJob>();
        await _life.Act.AnswerAsync(vm, Observation.Running);

        first = await _life.ComesBackWithAsync(vm);
        Assert.Equal((HostStatus.Connecting, CapacityState.Disabled), (first.Status, _life.Capacity(first)));
        await _life.Act.AnswerAsync(vm, Observation.Running, result: false);
        await _life.Rig.DeliverAsync();
        Assert.Equal($"agent.{second.Guid}", _life.Rig.Bus.Sent[^1].Destination);
        Assert.IsType<CheckVirtualMachineCommand>(_life.Rig.Bus.Sent[^1].Message);

        await _life.Act.AnswerAsync(vm, Observation.Running);
        await _life.Rig.DeliverAsync();
        Assert.Equal($"agent.{first.Guid}", _life.Rig.Bus.Sent[^1].Destination);
        Assert.True(_life.Rig.Bus.Last<StopCommand>().ForceStop);

        await _life.Act.AnswerAsync(vm, Observation.Off);
        Assert.Null(_life.DeviceOf(first).InstanceId);
        Assert.Equal((VirtualMachineState.Running, second.Id, vm.Id), (_life.Act.Look(vm).State, _life.Act.Look(vm).HostId, _life.DeviceOf(second).InstanceId));
        await _life.PingAsync(first, 200);
        Assert.Equal(HostStatus.Up, _life.Look(first).Status);
    }

    [Fact]
    public async Task CopyOnAHostThatComesBack_IsEnded_WhenItsVmIsStopped()
    {
        var (first, _, vm) = await _life.LostAsync(highlyAvailable: false);

        await _life.ComesBackWithAsync(vm);
        await _life.Act.AnswerAsync(vm, Observation.Running, result: false);
        await _life.Rig.DeliverAsync();
        Assert.True(_life.Rig.Bus.Last<StopCommand>().ForceStop);

        await _life.Act.AnswerAsync(vm, Observation.Off);
        Assert.Null(_life.DeviceOf(first).InstanceId);
    }

    [Fact]
    public async Task CopyOnAHostThatComesBack_IsNotTouched_WhenTheOtherHostDoesNotSay()
    {
        var (first, _, vm) = await _life.LostAsync(highlyAvailable: true);
        await _life.Rig.RunJobAsync<RestartsJob>();
        await _life.Act.AnswerAsync(vm, Observation.Running);
        await _life.ComesBackWithAsync(vm);
        await _life.Act.AnswerAsync(vm, Observation.Running, result: false);

        await _life.Act.AnswerAsync(vm, Observation.Unknown);
        await _life.Rig.DeliverAsync();

        Assert.DoesNotContain(_life.Rig.Bus.Sent, sent => sent.Message is StopCommand { ForceStop: true });
        Assert.Equal(vm.Id, _life.DeviceOf(first).InstanceId);
        Assert.Equal("vm runs on a host where it should not", _life.Standing(AlertType.VirtualMachineUnsettled).Subject);
    }

    [Fact]
    public async Task DownHost_IsDeletedWithWhatIsClaimedThere_OnlyWhenForced()
    {
        var (first, _, vm) = await _life.LostAsync(highlyAvailable: false);
        var device = _life.DeviceOf(first);

        Assert.Equal("kvm1 is Enabled; it must be Disabled or in Maintenance to be deleted", (await DeleteAsync(first, forced: false))!.Text);
        Assert.Null(await DeleteAsync(first, forced: true));

        Assert.Equal(HostStatus.Removed, _life.Look(first).Status);
        Assert.Empty(_life.Rig.Read(database => database.Set<PciDevice>().Where(row => row.HostId == first.Id).ToList()));
        Assert.Empty(_life.Rig.Read(database => database.Set<HostCapacityOfVm>().ToList()));
        var history = _life.Rig.Read(database => database.Set<PciDeviceHistory>().Where(line => line.DeviceId == device.Id).OrderBy(line => line.Id).ToList());
        Assert.Equal([(PciDeviceChange.Released, vm.Id), (PciDeviceChange.Removed, null)], history.TakeLast(2).Select(line => (line.What, line.VmId)));
        Assert.NotNull(_life.Standing(AlertType.HostAway).Resolved);

        Assert.Null(await _life.Rig.RunJobAsync<CapacityJob>());
        Assert.Empty(_life.Rig.Read(database => database.Set<Alert>().Where(alert => alert.Type == AlertType.CapacityCorrected).ToList()));
    }

    [Fact]
    public async Task HostThatIsNotDown_IsNotDeletedWithWhatIsClaimedThere()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        await _life.Act.RunAsync();
        await _life.Rig.TryAsync((HostAdministrationManager hosts) => hosts.EnableAsync(host.Id, enabled: false, Caller.Admin, CancellationToken.None));

        Assert.Equal("kvm1 is used by vm", (await DeleteAsync(host, forced: true))!.Text);
    }

    public void Dispose()
    {
        _life.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<Refusal?> DeleteAsync(Host host, bool forced) => _life.Rig.TryAsync((HostAdministrationManager hosts) =>
        hosts.DeleteAsync(host.Id, forced, Caller.Admin, CancellationToken.None));

    public sealed class OnSqlite() : DownHostTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : DownHostTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : DownHostTests(DatabaseProvider.SqlServer);
}
