using PciBus.Contracts.Startup;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>A database that was set back to an earlier moment is not believed about hosts.</summary>
public abstract class RestoreTests : IDisposable
{
    private readonly ManagementRig _rig;

    private protected RestoreTests(DatabaseProvider provider) => _rig = new ManagementRig(provider: provider);

    [Fact]
    public async Task NothingIsAllocated_BeforeTheHostHasAnnouncedItself()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var act = new Operator(_rig);
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));

        Assert.True(await CheckAsync());

        Assert.Equal((HostStatus.Disconnected, CapacityState.Disabled), (TheHost().Status, Capacity().CapacityState));
        await act.StartAsync(vm);
        Assert.NotNull(act.LastJob().Failure);

        await PingAsync(host.Session);
        Assert.Equal(HostStatus.Disconnected, TheHost().Status);
        Assert.True(_rig.Bus.Last<PingAnswer>().SendStartup);

        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        Assert.Equal((HostStatus.Up, CapacityState.Enabled), (TheHost().Status, Capacity().CapacityState));
        await act.StartAsync(vm);
        Assert.NotNull(act.Look(vm).HostId);
    }

    [Fact]
    public async Task SessionGivenOutAfterTheBackup_IsNotTakenForTheHostsOwn()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        await CheckAsync();

        for (var lost = host.Session; lost < host.Session + 5; lost++) await PingAsync(lost);

        Assert.Equal(HostStatus.Disconnected, TheHost().Status);
        Assert.True(TheHost().Session > host.Session + 1_000_000);
    }

    [Fact]
    public async Task DeviceThatWasGivenAwayAfterTheBackup_IsNotGivenAwayAgain()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        await CheckAsync();
        var act = new Operator(_rig);
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));

        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE") with
        {
            Report = Announcements.Report("28:00.1|10GE") with { VirtualMachines = [Announcements.Domain(Guid.NewGuid(), "28:00.1")] },
        });
        await act.StartAsync(vm);

        Assert.NotNull(act.LastJob().Failure);
        Assert.Null(act.Look(vm).HostId);
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<bool> CheckAsync()
    {
        _rig.Execute("DELETE FROM configuration");
        _rig.Execute($"INSERT INTO configuration (name, value) VALUES ('{RestoreManager.Place}', 'elsewhere')");
        return _rig.RunAsync((RestoreManager restore) => restore.CheckAsync(CancellationToken.None));
    }

    private Task PingAsync(long session) => _rig.Agents.PingAsync(
        Announcements.Ping("kvm1", Announcements.Report("28:00.1|10GE"), session, 7), CancellationToken.None);

    private Host TheHost() => _rig.Read(database => database.Set<Host>().Single());

    private HostCapacity Capacity() => _rig.Read(database => database.Set<HostCapacity>().Single());

    public sealed class OnSqlite() : RestoreTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : RestoreTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : RestoreTests(DatabaseProvider.SqlServer);
}
