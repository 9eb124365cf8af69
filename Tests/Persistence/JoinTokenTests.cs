using PciBus.Contracts.Joining;
using PciBus.Contracts.Startup;
using PciBus.Management.Accounts;
using PciBus.Management.Api;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>A join token lets one host in, whoever comes at once.</summary>
public abstract class JoinTokenTests : IDisposable
{
    private const string Token = "a token";
    private readonly ManagementRig _rig;

    private protected JoinTokenTests(DatabaseProvider provider) => _rig = new ManagementRig(provider: provider, admission: HostAdmission.Joined);

    [Fact]
    public async Task OfTwoHostsAtOnce_OneJoins()
    {
        await MakeAsync();
        var other = _rig.AnotherServer();

        var outcomes = await Task.WhenAll(JoinAsync(_rig, "guid-1"), JoinAsync(other, "guid-2"));

        var refused = Assert.Single(outcomes, outcome => outcome.Refusal is not null);
        Assert.StartsWith("the token was used by host guid-", refused.Refusal, StringComparison.Ordinal);
        Assert.Single(_rig.Read(database => database.Set<Host>().ToList()));
        Assert.Single(_rig.Read(database => database.Set<HostJoinToken>().Where(token => token.Used != null).ToList()));
    }

    [Fact]
    public async Task HostThatHasNotJoined_IsRefusedWithAnAlert_WhichJoiningResolves()
    {
        await _rig.Agents.StartupAsync(Announcements.Host("guid-1") with { Name = "host guid-1" }, CancellationToken.None);
        await _rig.Agents.StartupAsync(Announcements.Host("guid-1") with { Name = "host guid-1" }, CancellationToken.None);
        await _rig.DeliverAsync();
        Assert.False(_rig.Bus.Last<StartupAnswer>().Result);
        Assert.Equal("no such host has joined", _rig.Bus.Last<StartupAnswer>().Details);
        Assert.Empty(_rig.Read(database => database.Set<Host>().ToList()));
        Assert.Equal("host guid-1 announced itself, and no such host has joined", Assert.Single(Standing()));

        await MakeAsync();
        Assert.Null((await JoinAsync(_rig, "guid-1")).Refusal);
        Assert.Empty(Standing());
        Assert.Equal(HostStatus.Up, (await _rig.ConnectAsync(Announcements.Host("guid-1"))).Status);
    }

    [Fact]
    public async Task TokenForAHost_IsForThatHostAlone()
    {
        await MakeAsync();
        Assert.Null((await JoinAsync(_rig, "guid-1")).Refusal);
        var host = _rig.Read(database => database.Set<Host>().Single());
        await MakeAsync("another", host.Id);

        Assert.Equal("the token is for the host host guid-1 (guid-1) alone", (await JoinAsync(_rig, "guid-2", "another")).Refusal);
        var again = await JoinAsync(_rig, "guid-1", "another");
        Assert.Null(again.Refusal);
        Assert.NotEqual(host.BusPasswordHash, _rig.Read(database => database.Set<Host>().Single().BusPasswordHash));
        Assert.Equal(["guid-1"], (await _rig.RunAsync((HostJoinManager joins) => joins.UsersAsync(0, 10, CancellationToken.None))).Select(user => user.Guid));
        Assert.Equal(["guid-1"], await _rig.RunAsync((HostJoinManager joins) => joins.LivingAsync(["guid-1", "guid-2"], CancellationToken.None)));
        Assert.Empty(await _rig.RunAsync((HostJoinManager joins) => joins.UsersAsync(host.Id, 10, CancellationToken.None)));
    }

    [Fact]
    public async Task MachineOfAHost_DoesNotBecomeAnother()
    {
        await MakeAsync();
        Assert.Null((await JoinAsync(_rig, "guid-1", machine: "machine-1")).Refusal);
        await _rig.ConnectAsync(Announcements.Host("guid-1") with { Machine = "machine-1" });
        await MakeAsync("another");

        Assert.Equal(
            "its machine is that of the host guid-1 (guid-1); if it was installed anew, updateHost with guid=guid-2 lets it join as that host, with a token for its hostid",
            (await JoinAsync(_rig, "guid-2", "another", "machine-1")).Refusal);
        Assert.Null((await JoinAsync(_rig, "guid-2", "another", "machine-2")).Refusal);
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private List<string> Standing() => _rig.Read(database => database.Set<Alert>()
        .Where(alert => alert.Type == AlertType.HostRefused && alert.Resolved == null).Select(alert => alert.Subject).ToList());

    private async Task MakeAsync(string token = Token, long? hostId = null)
    {
        var order = new HostJoinTokenOrder(Guid.NewGuid(), token, null, "zone1", "pod1", "cluster1", hostId, TimeSpan.FromHours(1));
        Assert.Null(await _rig.TryAsync((HostJoinTokenManager tokens) => tokens.CreateTokenAsync(order, Caller.Admin, CancellationToken.None)));
    }

    private static Task<HostJoinOutcome> JoinAsync(ManagementRig rig, string guid, string token = Token, string machine = "") =>
        new ApiTransactions(rig.Get<DatabaseTransactions>()).RunAsync<HostJoinManager, HostJoinOutcome>(
            joins => joins.JoinAsync(
                new HostJoinRequest
                {
                    Token = token,
                    Guid = guid,
                    Name = $"host {guid}",
                    Zone = "zone1",
                    Pod = "pod1",
                    Cluster = "cluster1",
                    Machine = machine,
                },
                HostPassword.New(),
                CancellationToken.None),
            _ => true,
            CancellationToken.None);

    public sealed class OnSqlite() : JoinTokenTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : JoinTokenTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : JoinTokenTests(DatabaseProvider.SqlServer);
}
