using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>The agent of a host says that it is somewhere else than before.</summary>
public abstract class HostPlaceTests : IDisposable
{
    private const string Subject =
        "kvm1 says that it is in zone=zone1, pod=pod1, cluster=cluster2, and management has it in zone=zone1, pod=pod1, cluster=cluster1";

    private readonly DatabaseProvider _provider;
    private readonly ManagementRig _rig;
    private readonly Operator _act;
    private long _sequence = 500;

    private protected HostPlaceTests(DatabaseProvider provider)
    {
        _provider = provider;
        _rig = new ManagementRig(provider: provider);
        _act = new Operator(_rig);
    }

    [Fact]
    public async Task HostOnWhichNothingIs_IsMovedAtOnce()
    {
        var before = await _rig.ConnectAsync(In("zone1", "cluster1"));

        var host = await _rig.ConnectAsync(In("zone2", "cluster2"));

        Assert.Equal((before.Id, "zone2/pod1/cluster2", "zone2/pod1/cluster2", HostStatus.Up), (host.Id, PlaceOf(host), CapacityPlaceOf(host), host.Status));
        Assert.Null(host.AnnouncedClusterId);
        Assert.Empty(Standing());
        Assert.Equal(
            "host kvm1 was moved from zone=zone1, pod=pod1, cluster=cluster1 to zone=zone2, pod=pod1, cluster=cluster2, as its agent.properties say",
            _rig.Read(database => database.Set<Event>().Single(one => one.Type == EventTypes.HostUpdate)).Description);
    }

    [Fact]
    [ShowsEndOf(AlertType.HostPlace)]
    public async Task HostWithAVirtualMachine_Stays_AndIsMovedWhenThatIsOff()
    {
        await _rig.ConnectAsync(In("zone1", "cluster1"));
        var vm = await _act.RunAsync();

        var host = await _rig.ConnectAsync(In("zone1", "cluster2", vm));
        await ReportAsync(host, vm);
        await ReportAsync(host, vm);

        Assert.Equal(("zone1/pod1/cluster1", "zone1/pod1/cluster1"), (PlaceOf(host), CapacityPlaceOf(host)));
        Assert.Equal(Subject, Assert.Single(Standing()).Subject);
        Assert.Equal((VirtualMachineState.Running, vm.Id), (_act.Look(vm).State, Device().InstanceId));

        await _act.StopAsync(vm);
        await _act.AnswerAsync(vm, Observation.Off);
        await ReportAsync(host);

        Assert.Equal(("zone1/pod1/cluster2", "zone1/pod1/cluster2"), (PlaceOf(host), CapacityPlaceOf(host)));
        Assert.Empty(Standing());
    }

    [Fact]
    public async Task Alert_Ends_WhenTheAgentIsPutRight()
    {
        await _rig.ConnectAsync(In("zone1", "cluster1"));
        var vm = await _act.RunAsync();
        await _rig.ConnectAsync(In("zone1", "cluster2", vm));
        Assert.Single(Standing());

        var host = await _rig.ConnectAsync(In("zone1", "cluster1", vm));

        Assert.Empty(Standing());
        Assert.Null(host.AnnouncedClusterId);
        await _act.StopAsync(vm);
        await _act.AnswerAsync(vm, Observation.Off);
        await ReportAsync(host);
        Assert.Equal("zone1/pod1/cluster1", PlaceOf(host));
    }

    /// <summary>What is left there of a virtual machine that is off, or elsewhere: only the host can say that it is free.</summary>
    [Theory]
    [InlineData("UPDATE op_host_pci_devices SET instance_id = (SELECT id FROM vm_instance)")]
    [InlineData("INSERT INTO op_host_capacity_vm (vm_id, host_id, cpu, ram) SELECT (SELECT id FROM vm_instance), id, 1, 1 FROM host")]
    public async Task HostOnWhichSomethingIsClaimed_Stays(string claim)
    {
        await _rig.ConnectAsync(In("zone1", "cluster1"));
        await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));
        _rig.Execute(claim);

        var host = await _rig.ConnectAsync(In("zone1", "cluster2"));

        Assert.Equal(("zone1/pod1/cluster1", Subject), (PlaceOf(host), Assert.Single(Standing()).Subject));
    }

    [Fact]
    public async Task HostForWhichAStartWaits_Stays()
    {
        await _rig.ConnectAsync(In("zone1", "cluster1"));
        await _act.StartAsync(await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE"))));

        var host = await _rig.ConnectAsync(In("zone1", "cluster2"));

        Assert.Equal(("zone1/pod1/cluster1", Subject), (PlaceOf(host), Assert.Single(Standing()).Subject));
    }

    /// <summary>A hypervisor that cannot be asked may run anything.</summary>
    [Fact]
    public async Task HostThatCannotSayWhatItRuns_Stays_UntilItCan()
    {
        await _rig.ConnectAsync(In("zone1", "cluster1"));
        var startup = In("zone1", "cluster2");

        var host = await _rig.ConnectAsync(startup with { Report = startup.Report with { VirtualMachines = null } });
        Assert.Equal(("zone1/pod1/cluster1", Subject), (PlaceOf(host), Assert.Single(Standing()).Subject));

        await ReportAsync(host);
        Assert.Equal("zone1/pod1/cluster2", PlaceOf(host));
        Assert.Empty(Standing());
    }

    [Fact]
    public async Task HostThatJoined_IsNotMovedIntoAClusterThatItMakesUp()
    {
        using var rig = new ManagementRig(provider: _provider, admission: HostAdmission.Joined);
        var cluster = await MakeAsync(rig, "cluster1");
        Assert.Null(await rig.TryAsync((HostJoinManager joins) => joins.AddHostAsync("kvm1", "kvm1", cluster.Id, enabled: true, CancellationToken.None)));

        var host = await rig.ConnectAsync(In("zone1", "cluster2"));

        Assert.Equal((cluster.Id, 1), (host.ClusterId, rig.Read(database => database.Set<Cluster>().Count())));
        var alert = rig.Read(database => database.Set<Alert>().Single(one => one.Type == AlertType.HostPlace && one.Resolved == null));
        Assert.Equal(Subject.Replace("cluster2, and", "cluster2, which is not there, and", StringComparison.Ordinal), alert.Subject);
        Assert.StartsWith("createHostJoinToken with these names makes the cluster", alert.Body, StringComparison.Ordinal);

        await MakeAsync(rig, "cluster2");
        host = await rig.ConnectAsync(In("zone1", "cluster2"));
        Assert.NotEqual(cluster.Id, host.ClusterId);
        Assert.Empty(rig.Read(database => database.Set<Alert>().Where(one => one.Resolved == null).ToList()));
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private static Task<Cluster> MakeAsync(ManagementRig rig, string cluster) => rig.RunAsync(
        (PlaceManager places) => places.EnsureClusterAsync(new Place("zone1", "pod1", cluster), "KVM", CancellationToken.None));

    private static StartupRoutingCommand In(string zone, string cluster, VirtualMachine? running = null)
    {
        var startup = Announcements.Host("kvm1", "28:00.1|10GE") with { DataCenter = zone, Cluster = cluster };
        return running is null ? startup : startup with { Report = startup.Report with { VirtualMachines = [Announcements.Domain(running.Uuid, "28:00.1")] } };
    }

    private Task ReportAsync(Host host, VirtualMachine? running = null) => _rig.Agents.PingAsync(
        Announcements.Ping(
            "kvm1",
            Announcements.Report("28:00.1|10GE") with { VirtualMachines = running is null ? [] : [Announcements.Domain(running.Uuid, "28:00.1")] },
            host.Session,
            ++_sequence),
        CancellationToken.None);

    private string PlaceOf(Host host) => _rig.Read(database =>
    {
        var row = database.Set<Host>().Single(one => one.Id == host.Id);
        return Names(database, row.DataCenterId, row.PodId, row.ClusterId);
    });

    private string CapacityPlaceOf(Host host) => _rig.Read(database =>
    {
        var row = database.Set<HostCapacity>().Single(one => one.HostId == host.Id);
        return Names(database, row.DataCenterId, row.PodId, row.ClusterId);
    });

    private static string Names(PciBusDbContext database, long zoneId, long podId, long clusterId) => string.Join(
        '/', database.Set<Zone>().Single(zone => zone.Id == zoneId).Name, database.Set<Pod>().Single(pod => pod.Id == podId).Name,
        database.Set<Cluster>().Single(cluster => cluster.Id == clusterId).Name);

    private PciDevice Device() => _rig.Read(database => database.Set<PciDevice>().Single());

    private List<Alert> Standing() => _rig.Read(database =>
        database.Set<Alert>().Where(alert => alert.Type == AlertType.HostPlace && alert.Resolved == null).ToList());

    public sealed class OnSqlite() : HostPlaceTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : HostPlaceTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : HostPlaceTests(DatabaseProvider.SqlServer);
}
