using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

public abstract class HostSessionTests : IDisposable
{
    private readonly ManagementRig _rig;

    private protected HostSessionTests(DatabaseProvider provider) => _rig = new ManagementRig(provider: provider);

    [Fact]
    public async Task Announcement_BeginsASession_AndIsAnsweredWithItsNonce()
    {
        var startup = Announcements.Host("kvm1", "28:00.1|10GE");

        var host = await _rig.ConnectAsync(startup);
        await _rig.DeliverAsync();

        var answer = _rig.Bus.Last<StartupAnswer>();
        Assert.Equal((true, startup.Nonce, host.Session, startup.CommandId), (answer.Result, answer.Nonce, answer.Session, answer.CommandId));
        Assert.Equal((HostStatus.Up, ResourceState.Enabled, 1), (host.Status, host.ResourceState, host.Session));
        Assert.IsType<ReadyCommand>(_rig.Bus.Sent[^1].Message);
        Assert.All(_rig.Bus.Sent, sent => Assert.Equal("agent.kvm1", sent.Destination));
    }

    [Fact]
    public async Task SecondAnnouncement_BeginsAnotherSession_OfTheSameHost()
    {
        var first = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var second = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));

        Assert.Equal((first.Id, first.Session + 1), (second.Id, second.Session));
        Assert.Equal(1, _rig.Read(database => database.Set<PciDevice>().Count()));
    }

    [Fact]
    public async Task HostWhoseDomainsCouldNotBeRead_TakesNothing_UntilTheyAre()
    {
        var startup = Announcements.Host("kvm1", "28:00.1|10GE");

        var host = await _rig.ConnectAsync(startup with { Report = startup.Report with { VirtualMachines = null } });
        Assert.Equal(HostStatus.Connecting, host.Status);
        await _rig.Agents.PingAsync(
            Announcements.Ping("kvm1", startup.Report with { VirtualMachines = null }, host.Session, 2), CancellationToken.None);
        Assert.Equal(HostStatus.Connecting, _rig.Read(database => database.Set<Host>().Single()).Status);

        await PingAsync(host, 3);
        Assert.Equal(HostStatus.Up, _rig.Read(database => database.Set<Host>().Single()).Status);
    }

    [Fact]
    public async Task HostThatWasDeleted_GoesOnFromItsLastSession()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1"));
        var deleted = await _rig.ConnectAsync(Announcements.Host("kvm1"));
        _rig.Execute("UPDATE host SET removed = created");

        var host = await _rig.ConnectAsync(Announcements.Host("kvm1"));

        Assert.NotEqual(deleted.Id, host.Id);
        Assert.Equal(deleted.Session + 1, host.Session);
    }

    [Fact]
    public async Task ZonePodAndCluster_ComeIntoBeingOnce()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1"));
        await _rig.ConnectAsync(Announcements.Host("kvm2"));
        await _rig.ConnectAsync(Announcements.Host("kvm3") with { Cluster = "cluster2" });

        Assert.Equal((1, 1, 2), _rig.Read(database => (database.Set<Zone>().Count(), database.Set<Pod>().Count(), database.Set<Cluster>().Count())));
    }

    [Fact]
    public async Task Host_StaysConnecting_WhileAStrayVmHasDevicesThere()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));
        _rig.Execute($"UPDATE op_host_pci_devices SET instance_id = {vm.Id}, claim = 1");

        host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));

        Assert.Equal(HostStatus.Connecting, host.Status);
        Assert.Equal(CapacityState.Disabled, _rig.Read(database => database.Set<HostCapacity>().Single()).CapacityState);
        Assert.Equal(WorkflowKind.Settle, _rig.Read(database => database.Set<Workflow>().Single()).Kind);

        await SettleAsync(host, vm);
        await PingAsync(host, 7);
        Assert.Equal(HostStatus.Up, _rig.Read(database => database.Set<Host>().Single()).Status);
        Assert.Null(_rig.Read(database => database.Set<PciDevice>().Single()).InstanceId);
    }

    [Fact]
    public async Task RunningVmThatTheHostDoesNotReport_IsSettled_NotStopped()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1"));
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering()));
        _rig.Execute($"UPDATE vm_instance SET state = 'Running', host_id = {host.Id}");

        await PingAsync(host, 2);

        var row = _rig.Read(database => database.Set<VirtualMachine>().Single());
        Assert.Equal(VirtualMachineState.Running, row.State);
        Assert.NotNull(row.WorkflowId);

        await SettleAsync(host, vm);
        Assert.Equal(VirtualMachineState.Stopped, _rig.Read(database => database.Set<VirtualMachine>().Single()).State);
    }

    [Fact]
    public async Task Farewell_DisconnectsTheHost_InItsOwnSessionOnly()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1"));

        await _rig.Agents.ShutdownAsync(new ShutdownCommand { HostGuid = "kvm1", Session = host.Session - 1 }, CancellationToken.None);
        Assert.Equal(HostStatus.Up, _rig.Read(database => database.Set<Host>().Single()).Status);

        await _rig.Agents.ShutdownAsync(new ShutdownCommand { HostGuid = "kvm1", Session = host.Session }, CancellationToken.None);
        Assert.Equal(HostStatus.Disconnected, _rig.Read(database => database.Set<Host>().Single()).Status);
        Assert.Equal(CapacityState.Disabled, _rig.Read(database => database.Set<HostCapacity>().Single()).CapacityState);
    }

    [Theory]
    [InlineData(ShutdownCommand.SigKill, null, "its service was stopped")]
    [InlineData(ShutdownCommand.Update, "to 0.2.0", "it is being updated (to 0.2.0)")]
    [InlineData(ShutdownCommand.Unknown, null, "it does not say why")]
    public async Task Farewell_IsAnEvent_ThatNamesItsReason(string reason, string? detail, string text)
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1"));
        var farewell = new ShutdownCommand { HostGuid = "kvm1", Session = host.Session, Sequence = 2, Reason = reason, Detail = detail };

        await _rig.Agents.ShutdownAsync(farewell, CancellationToken.None);
        await _rig.Agents.ShutdownAsync(farewell, CancellationToken.None);

        var told = _rig.Read(database => database.Set<Event>().Single(row => row.Type == EventTypes.HostDisconnect));
        Assert.Equal(($"the agent of host kvm1 said good-bye: {text}", host.Id), (told.Description, told.ResourceId));
        Assert.Contains(_rig.Log.Lines, line => line.Text.Contains($"says good-bye in session {host.Session}: {reason}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PingThatTheFarewellOvertook_DoesNotBringTheHostBack()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1"));
        await _rig.Agents.ShutdownAsync(new ShutdownCommand { HostGuid = "kvm1", Session = host.Session, Sequence = 3 }, CancellationToken.None);

        await PingAsync(host, 2);

        Assert.Equal(HostStatus.Disconnected, _rig.Read(database => database.Set<Host>().Single()).Status);
        Assert.Equal(CapacityState.Disabled, _rig.Read(database => database.Set<HostCapacity>().Single()).CapacityState);
    }

    [Fact]
    public async Task Ping_BringsADisconnectedHostBack()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1"));
        await _rig.Agents.ShutdownAsync(new ShutdownCommand { HostGuid = "kvm1", Session = host.Session }, CancellationToken.None);

        await PingAsync(host, 2);

        Assert.Equal(HostStatus.Up, _rig.Read(database => database.Set<Host>().Single()).Status);
        Assert.Equal(CapacityState.Enabled, _rig.Read(database => database.Set<HostCapacity>().Single()).CapacityState);
    }

    [Fact]
    [ShowsEndOf(AlertType.ClockSkew)]
    public async Task ClockFarFromManagements_IsAnAlert_UntilItIsRight()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1") with { SentAt = Announcements.Now.AddMinutes(10) });
        Assert.Equal(AlertType.ClockSkew, _rig.Read(database => database.Set<Alert>().Single()).Type);

        await PingAsync(host, 2);
        Assert.NotNull(_rig.Read(database => database.Set<Alert>().Single()).Resolved);
    }

    [Fact]
    public async Task Pings_AreWrittenDownAllAtOnce()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1"));
        _rig.Time.Advance(TimeSpan.FromMinutes(1));
        await PingAsync(host, 2);
        Assert.Equal(Announcements.Now, _rig.Read(database => database.Set<Host>().Single()).LastPing);

        await _rig.Get<HeardHosts>().WriteAsync(CancellationToken.None);

        Assert.Equal(Announcements.Now.AddMinutes(1), _rig.Read(database => database.Set<Host>().Single()).LastPing);
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task PingAsync(Host host, long sequence) => _rig.Agents.PingAsync(
        Announcements.Ping("kvm1", Announcements.Report("28:00.1|10GE"), host.Session, sequence), CancellationToken.None);

    /// <summary>The host says of the command that is outstanding: off.</summary>
    private async Task SettleAsync(Host host, VirtualMachine vm)
    {
        var workflow = _rig.Read(database => database.Set<Workflow>().Single(row => row.VmId == vm.Id));
        await _rig.Agents.AnswerAsync(
            new StopAnswer
            {
                CommandId = workflow.AwaitingCommandId!.Value,
                HostGuid = host.Guid,
                Session = host.Session,
                Sequence = 5,
                VmUuid = vm.Uuid,
                Result = true,
                Observed = Observation.Off,
                Cleaned = [new() { Address = PciBus.Contracts.PciDevices.PciAddress.Parse("28:00.1"), Clean = true }],
            },
            CancellationToken.None);
    }

    public sealed class OnSqlite() : HostSessionTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : HostSessionTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : HostSessionTests(DatabaseProvider.SqlServer);
}
