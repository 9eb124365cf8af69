using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>A host that was deleted, and whose agent runs yet, takes nothing before an operator has said so.</summary>
public abstract class DeletedHostTests : IDisposable
{
    private readonly ManagementRig _rig;

    private protected DeletedHostTests(DatabaseProvider provider) => _rig = new ManagementRig(provider: provider);

    [Fact]
    public async Task DeletedHost_ThatIsHeardAgain_IsDisabled_AndAnAlertSaysWhoDeletedItAndWhen()
    {
        await DeleteAsync(await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE")));
        _rig.Time.Advance(TimeSpan.FromMinutes(1));

        var host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));

        Assert.Equal((HostStatus.Up, ResourceState.Disabled, CapacityState.Disabled), StateOf(host));
        var alert = Assert.Single(Standing());
        Assert.Equal("kvm1 was deleted, and its agent is heard again", alert.Subject);
        Assert.StartsWith("kvm1 was deleted at 2026-03-01 12:00:00Z by admin. ", alert.Body, StringComparison.Ordinal);

        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        Assert.Equal((HostStatus.Up, ResourceState.Disabled, CapacityState.Disabled), StateOf(host));
        Assert.Single(Standing());
    }

    [Fact]
    [ShowsEndOf(AlertType.HostReturned)]
    public async Task HostThatReturned_TakesVirtualMachines_WhenAnOperatorEnablesIt()
    {
        var host = await ReturnAsync();

        await EnableAsync(host, true);

        Assert.Equal((HostStatus.Up, ResourceState.Enabled, CapacityState.Enabled), StateOf(host));
        Assert.Empty(Standing());
        // To disable it later is nothing new.
        await EnableAsync(host, false);
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        Assert.Empty(Standing());
    }

    [Fact]
    public async Task HostThatReturned_AndIsDeletedAgain_ReturnsDisabledAgain()
    {
        var host = await ReturnAsync();

        await DeleteAsync(host);
        Assert.Empty(Standing());
        host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));

        Assert.Equal((HostStatus.Up, ResourceState.Disabled, CapacityState.Disabled), StateOf(host));
        Assert.Single(Standing());
    }

    /// <summary>The event that named the user is kept for a time.</summary>
    [Fact]
    public async Task HostThatReturns_LongAfterwards_IsToldOfWithoutAName()
    {
        await DeleteAsync(await _rig.ConnectAsync(Announcements.Host("kvm1")));
        _rig.Execute("DELETE FROM event");

        await _rig.ConnectAsync(Announcements.Host("kvm1"));

        Assert.StartsWith("kvm1 was deleted at 2026-03-01 12:00:00Z. ", Assert.Single(Standing()).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NewHost_AndAnotherThanTheDeleted_AreEnabled()
    {
        await DeleteAsync(await _rig.ConnectAsync(Announcements.Host("kvm1")));

        var host = await _rig.ConnectAsync(Announcements.Host("kvm2"));

        Assert.Equal((HostStatus.Up, ResourceState.Enabled, CapacityState.Enabled), StateOf(host));
        Assert.Empty(Standing());
    }

    /// <summary>An operator has added it: he wants it.</summary>
    [Fact]
    public async Task HostThatIsAddedAgain_IsEnabled()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1"));
        await DeleteAsync(host);
        Assert.Null(await _rig.TryAsync((HostJoinManager joins) => joins.AddHostAsync("kvm1", "kvm1", host.ClusterId, enabled: true, CancellationToken.None)));

        host = await _rig.ConnectAsync(Announcements.Host("kvm1"));

        Assert.Equal((HostStatus.Up, ResourceState.Enabled, CapacityState.Enabled), StateOf(host));
        Assert.Empty(Standing());
    }

    [Theory]
    [InlineData("Up", 25, true)]
    [InlineData("Alert", 25, true)]
    [InlineData("Up", 151, false)]
    [InlineData("Disconnected", 25, false)]
    [InlineData("Down", 25, false)]
    public async Task Deletion_SaysWhetherTheAgentIsStillHeard(string status, int secondsAgo, bool isHeard)
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1"));
        host.Status = Enum.Parse<HostStatus>(status);

        var remark = DeletedHostManager.StillHeard(host, new HostOptions { Admission = HostAdmission.Open, PingInterval = TimeSpan.FromSeconds(60) }, host.LastPing!.Value.AddSeconds(secondsAgo));

        const string Expected = "The agent of kvm1 is still heard, last at 2026-03-01 12:00:00Z: unless its agent is stopped, it announces itself, and is a new host, Disabled";
        Assert.Equal(isHeard ? Expected : null, remark);
    }

    [Fact]
    public async Task Deletion_SaysThatAJoinedHost_IsLetInNoMore()
    {
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1"));

        Assert.Equal(
            "The agent of kvm1 is still heard, last at 2026-03-01 12:00:00Z: it is let in no more; stop its agent",
            DeletedHostManager.StillHeard(host, new HostOptions(), host.LastPing!.Value));
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task<Host> ReturnAsync()
    {
        await DeleteAsync(await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE")));
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        Assert.Single(Standing());
        return host;
    }

    private async Task DeleteAsync(Host host)
    {
        await EnableAsync(host, false);
        Assert.Null(await _rig.TryAsync((HostAdministrationManager hosts) => hosts.DeleteAsync(host.Id, false, Caller.Admin, CancellationToken.None)));
    }

    private async Task EnableAsync(Host host, bool enabled) => Assert.Null(await _rig.TryAsync(
        (HostAdministrationManager hosts) => hosts.EnableAsync(host.Id, enabled, Caller.Admin, CancellationToken.None)));

    private (HostStatus Status, ResourceState Wanted, CapacityState Capacity) StateOf(Host host) => _rig.Read(database => (
        database.Set<Host>().Single(row => row.Id == host.Id).Status,
        database.Set<Host>().Single(row => row.Id == host.Id).ResourceState,
        database.Set<HostCapacity>().Single(row => row.HostId == host.Id).CapacityState));

    private List<Alert> Standing() => _rig.Read(database =>
        database.Set<Alert>().Where(alert => alert.Type == AlertType.HostReturned && alert.Resolved == null).ToList());

    public sealed class OnSqlite() : DeletedHostTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : DeletedHostTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : DeletedHostTests(DatabaseProvider.SqlServer);
}
