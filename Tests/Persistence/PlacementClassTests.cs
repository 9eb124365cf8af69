using Microsoft.EntityFrameworkCore;
using PciBus.Management.Accounts;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>There are as many placement classes as kinds of hosts, in the table and in memory.</summary>
public abstract class PlacementClassTests : IDisposable
{
    private readonly ManagementRig _rig;

    private protected PlacementClassTests(DatabaseProvider provider) => _rig = new ManagementRig(provider: provider);

    /// <summary>The schema writes by hand what management works out.</summary>
    [Fact]
    public void EmptyClass_IsThere_BeforeAnyHost()
    {
        var one = Assert.Single(_rig.Read(database => database.Set<PlacementClass>().ToList()));

        Assert.Equal((HostCapacity.EmptyClass, "", ""), (one.Digest, one.HostTags, one.PciDevices));
        Assert.Equal(HostCapacity.EmptyClass, PlacementClassManager.DigestOf("", PciDeviceNames.None));
    }

    /// <summary>The row of its class was there before it: the schema, or another server, has made it.</summary>
    [Fact]
    public async Task HostThatIsPutIntoAClassMadeElsewhere_IsPlannedForAsAnyOther()
    {
        await ReportsAsync(_rig, "28:00.1|10GE");
        var empty = await _rig.ConnectAsync(Announcements.Host("kvm2"));

        await new Operator(_rig).RunAsync("");

        Assert.Equal(empty.Id, _rig.Read(database => database.Set<VirtualMachine>().Single()).HostId);
    }

    [Fact]
    public async Task ClassThatNoHostIsInAnyMore_IsDeleted_AndForgotten()
    {
        await ReportsAsync(_rig, "28:00.1|10GE", "28:00.2|10GE");
        await ReportsAsync(_rig, "28:00.1|10GE");
        Assert.Equal(["", "10GE|1", "10GE|2"], Devices());

        Assert.Equal("classes deleted: 1", await CleanAsync(_rig));

        Assert.Equal(["", "10GE|1"], Devices());
        Assert.Equal(2, _rig.Get<PlacementClasses>().Count);
        Assert.Equal("nothing to do", await CleanAsync(_rig));
    }

    /// <summary>It never forgets a class that it has seen, and would put hosts into one that is gone.</summary>
    [Fact]
    public async Task NoClassIsDeleted_WhileAServerOfAnotherVersionRuns()
    {
        await ReportsAsync(_rig, "28:00.1|10GE", "28:00.2|10GE");
        await ReportsAsync(_rig, "28:00.1|10GE");
        var server = new ManagementServerHost { RunId = "before", Writings = 1, LastUpdate = _rig.Time.GetUtcNow() };
        _rig.Add(server);

        Assert.Equal("a server of another version runs", await CleanAsync(_rig));

        Assert.Equal(["", "10GE|1", "10GE|2"], Devices());
        _rig.Read(database => database.Set<ManagementServerHost>().Where(one => one.RunId == server.RunId)
            .ExecuteUpdate(set => set.SetProperty(one => one.SchemaScript, SchemaInstaller.Newest)));
        Assert.Equal("classes deleted: 1", await CleanAsync(_rig));
    }

    [Fact]
    public async Task ClassThatAnotherServerDeleted_IsMadeAgain()
    {
        var other = _rig.AnotherServer();
        await ReportsAsync(_rig, "28:00.1|10GE", "28:00.2|10GE");
        await ReportsAsync(_rig, "28:00.1|10GE", "28:00.2|10GE");
        await ReportsAsync(_rig, "28:00.1|10GE");
        await CleanAsync(other);

        await ReportsAsync(_rig, "28:00.1|10GE", "28:00.2|10GE");

        Assert.Equal("10GE|2", DevicesOf("kvm1"));
        await new Operator(_rig).RunAsync("10GE,10GE");
        Assert.Equal(VirtualMachineState.Running, _rig.Read(database => database.Set<VirtualMachine>().Single()).State);
    }

    [Fact]
    public async Task ServerThatNeverSaysNo_ForgetsWhatAnotherDeleted()
    {
        var other = _rig.AnotherServer();
        await ReportsAsync(_rig, "28:00.1|10GE", "28:00.2|10GE");
        await ReportsAsync(_rig, "28:00.1|10GE");
        await CleanAsync(other);

        await CleanAsync(_rig);

        Assert.Equal(2, _rig.Get<PlacementClasses>().Count);
    }

    [Fact]
    public async Task DeletedHost_LeavesNoClass()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE") with { HostTags = ["gpu"] });
        Assert.Null(await _rig.TryAsync((HostAdministrationManager hosts) => hosts.EnableAsync(host.Id, false, Caller.Admin, CancellationToken.None)));
        Assert.Null(await _rig.TryAsync((HostAdministrationManager hosts) => hosts.DeleteAsync(host.Id, false, Caller.Admin, CancellationToken.None)));

        await CleanAsync(_rig);

        var left = Assert.Single(_rig.Read(database => database.Set<PlacementClass>().ToList()));
        Assert.Equal(("", ""), (left.HostTags, left.PciDevices));
    }

    [Fact]
    public async Task DeletedHost_IsTheLastThatItsBusHearsOf()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        Assert.Null(await _rig.TryAsync((HostAdministrationManager hosts) => hosts.EnableAsync(host.Id, false, Caller.Admin, CancellationToken.None)));
        Assert.Null(await _rig.TryAsync((HostAdministrationManager hosts) => hosts.DeleteAsync(host.Id, false, Caller.Admin, CancellationToken.None)));

        await _rig.DeliverAsync();

        Assert.Equal(("agent.kvm1", new DestinationGone()), _rig.Bus.Sent[^1]);
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private static Task<Host> ReportsAsync(ManagementRig rig, params string[] devices) => rig.ConnectAsync(Announcements.Host("kvm1", devices));

    private static async Task<string?> CleanAsync(ManagementRig rig)
    {
        var runner = rig.Get<ReconciliationRunner>();
        Assert.Null(await runner.RunAsync(runner.Jobs.Single(job => job.Name == "placement.classes"), byHand: true, CancellationToken.None));
        return rig.Read(database => database.Set<ReconciliationRun>().Single(run => run.Name == "placement.classes").LastResult);
    }

    private List<string> Devices() => _rig.Read(database => database.Set<PlacementClass>().Select(one => one.PciDevices).ToList()).Order(StringComparer.Ordinal).ToList();

    private string DevicesOf(string host) => _rig.Read(database => database.Set<PlacementClass>().Single(one =>
        database.Set<HostCapacity>().Any(row => row.PlacementClass == one.Digest && database.Set<Host>().Any(other => other.Id == row.HostId && other.Guid == host))).PciDevices);

    public sealed class OnSqlite() : PlacementClassTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : PlacementClassTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : PlacementClassTests(DatabaseProvider.SqlServer);
}
