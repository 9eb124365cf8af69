using PciBus.Management.Events;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>What hosts say is taken, compared with what virtual machines have taken.</summary>
public abstract class CapacityAuditTests : IAsyncLifetime
{
    private readonly ManagementRig _rig;
    private readonly Operator _act;

    private protected CapacityAuditTests(DatabaseProvider provider)
    {
        _rig = new ManagementRig(provider: provider);
        _act = new Operator(_rig);
    }

    public async ValueTask InitializeAsync()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE", "28:00.2|10GE"));
        await _act.RunAsync();
    }

    [Fact]
    public async Task RightCapacity_IsLeftAlone()
    {
        var before = Capacity().UpdateCount;

        Assert.Null(await AuditAsync());

        Assert.Equal(before, Capacity().UpdateCount);
        Assert.Empty(Alerts());
    }

    [Fact]
    [ShowsEndOf(AlertType.CapacityCorrected)]
    public async Task WrongCapacity_IsCorrected_WithAnAlertUntilTheNextLook()
    {
        _rig.Execute("UPDATE op_host_capacity SET cpu_used = 7, ram_used = 8");

        Assert.Equal("hosts corrected: 1", await AuditAsync());

        Assert.Equal((1000L, 512L << 20), (Capacity().CpuUsed, Capacity().RamUsed));
        var alert = Assert.Single(Alerts());
        Assert.Equal((AlertType.CapacityCorrected, null), (alert.Type, alert.Resolved));
        Assert.StartsWith("7 MHz were taken by its row, 1000 by those of virtual machines; 8 bytes", alert.Body, StringComparison.Ordinal);
        Assert.Contains(_rig.Log.Lines, line => line.Text.Contains("The capacity of kvm1 was wrong", StringComparison.Ordinal));

        await AuditAsync();
        Assert.Null(await AuditAsync());
        Assert.NotNull(Assert.Single(Alerts()).Resolved);
    }

    [Fact]
    public async Task WrongPlacementClass_IsCorrected()
    {
        _rig.Execute("UPDATE op_host_pci_devices SET enabled = '0' WHERE instance_id IS NULL");

        Assert.Equal("hosts corrected: 1", await AuditAsync());

        Assert.Equal("", _rig.Read(database => database.Set<PlacementClass>().Single(one => one.Digest == Capacity().PlacementClass)).PciDevices);
        Assert.Contains("devices it was planned with", Assert.Single(Alerts()).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RowThatChangedMeanwhile_IsLeftForTheNextLook()
    {
        _rig.Execute("UPDATE op_host_capacity SET cpu_used = 7");
        _rig.IgnoreUpdates("op_host_capacity", "update_count");

        Assert.Null(await AuditAsync());

        Assert.Equal(7, Capacity().CpuUsed);
        Assert.Empty(Alerts());
    }

    [Fact]
    public async Task EveryHost_HasItsTurn()
    {
        for (var i = 2; i <= 101; i++) await _rig.ConnectAsync(Announcements.Host($"kvm{i}"));
        _rig.Execute("UPDATE op_host_capacity SET cpu_used = 7");

        var corrected = new List<string?>();
        for (var run = 1; run <= 4; run++) corrected.Add(await AuditAsync());

        Assert.Equal(["hosts corrected: 100", "hosts corrected: 1", null, null], corrected);
        Assert.Equal(1000, _rig.Read(database => database.Set<HostCapacity>().Sum(row => row.CpuUsed)));
    }

    public ValueTask DisposeAsync()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private Task<string?> AuditAsync() => _rig.RunJobAsync<CapacityJob>();

    private HostCapacity Capacity() => _rig.Read(database => database.Set<HostCapacity>().Single());

    private List<Alert> Alerts() => _rig.Read(database => database.Set<Alert>().ToList());

    public sealed class OnSqlite() : CapacityAuditTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : CapacityAuditTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : CapacityAuditTests(DatabaseProvider.SqlServer);
}
