using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.Reconciliation;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>What is over is deleted when it was kept long enough, and nothing else is.</summary>
public abstract class RetentionTests : IDisposable
{
    private static readonly ReconciliationOptions Options = new();
    private readonly ManagementRig _rig;
    private readonly Operator _act;

    private protected RetentionTests(DatabaseProvider provider)
    {
        _rig = new ManagementRig(provider: provider);
        _act = new Operator(_rig);
    }

    [Fact]
    public async Task OldEventsAndResolvedAlerts_AreDeleted()
    {
        AddEvents(1);
        _rig.Add(Alert(_rig.Time.GetUtcNow()));
        _rig.Add(Alert(null));
        _rig.Time.Advance(Options.EventPurgeDelay);
        Assert.Null(await PurgeAsync());

        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        AddEvents(1);
        Assert.Equal("deleted: 1 events, 1 alerts", await PurgeAsync());

        Assert.Equal(_rig.Time.GetUtcNow(), _rig.Read(database => database.Set<Event>().Single()).Created);
        Assert.Null(_rig.Read(database => database.Set<Alert>().Single()).Resolved);
    }

    [Fact]
    public async Task ManyRows_AreDeletedInBatches()
    {
        AddEvents((2 * RetentionManager.BatchSize) + 1);
        _rig.Time.Advance(Options.EventPurgeDelay + TimeSpan.FromSeconds(1));

        Assert.Equal($"deleted: {(2 * RetentionManager.BatchSize) + 1} events", await PurgeAsync());
        Assert.Equal(0, _rig.Read(database => database.Set<Event>().Count()));
    }

    [Fact]
    public async Task EndedJobs_AreDeleted_UnlessAWorkflowRefersToThem()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var vm = await _act.RunAsync();
        await _act.StopAsync(vm);
        _rig.Execute("UPDATE async_job SET completed = created, job_status = 'Failed' WHERE completed IS NULL");
        await _act.RebootAsync(vm);
        _rig.Time.Advance(Options.JobPurgeDelay + TimeSpan.FromSeconds(1));

        Assert.Equal("deleted: 1 jobs", await PurgeAsync());

        var left = _rig.Read(database => database.Set<AsyncJob>().Select(job => job.Id).ToList());
        Assert.Equal(_rig.Read(database => database.Set<Workflow>().Select(row => row.JobId!.Value).ToList()).Order(), left.Order());
    }

    [Fact]
    public async Task HistoryOfDevices_IsDeleted_ButNotThatOfAClaimThatHolds()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        await _act.RunAsync();
        _rig.Time.Advance(Options.PciDeviceHistoryPurgeDelay + TimeSpan.FromSeconds(1));

        Assert.Contains("1 lines of device history", await PurgeAsync(), StringComparison.Ordinal);

        Assert.Equal(PciDeviceChange.Claimed, _rig.Read(database => database.Set<PciDeviceHistory>().Single()).What);
    }

    [Fact]
    public async Task JoinTokens_AreDeleted_SomeTimeAfterTheyExpired()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1"));
        var now = _rig.Time.GetUtcNow();
        AddToken("used", now + TimeSpan.FromHours(1), used: now);
        AddToken("expired", now + TimeSpan.FromHours(1), used: null);
        AddToken("good", now + Options.HostJoinTokenPurgeDelay + TimeSpan.FromHours(2), used: null);
        _rig.Time.Advance(Options.HostJoinTokenPurgeDelay + TimeSpan.FromHours(1));
        Assert.Null(await PurgeAsync());

        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("deleted: 2 join tokens", await PurgeAsync());

        Assert.Equal(["good"], _rig.Read(database => database.Set<HostJoinToken>().Select(token => token.TokenHash).ToList()));
    }

    [Fact]
    public async Task Zero_KeepsForEver()
    {
        AddEvents(1);
        _rig.Time.Advance(TimeSpan.FromDays(100_000));
        var kinds = _rig.Get<IReadOnlyList<RetentionManager>>().Select(kind => kind with { Kept = TimeSpan.Zero });
        var forEver = new RetentionJob(_rig.Get<DatabaseTransactions>(), [.. kinds], _rig.Time);

        Assert.Null(await forEver.RunAsync(CancellationToken.None));
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<string?> PurgeAsync() => _rig.RunJobAsync<RetentionJob>();

    private void AddEvents(int count)
    {
        using var database = _rig.Open();
        database.AddRange(Enumerable.Range(0, count).Select(_ => new Event
        {
            Uuid = Guid.NewGuid(),
            Type = EventTypes.VmStart,
            Description = "started",
            UserId = User.AdminId,
            AccountId = Account.AdminId,
            DomainId = Domain.RootId,
            Created = _rig.Time.GetUtcNow(),
        }));
        database.SaveChanges();
    }

    private void AddToken(string hash, DateTimeOffset expires, DateTimeOffset? used) => _rig.Add(new HostJoinToken
    {
        Uuid = Guid.NewGuid(),
        TokenHash = hash,
        ClusterId = _rig.Read(database => database.Set<Cluster>().First().Id),
        Created = _rig.Time.GetUtcNow(),
        Expires = expires,
        Used = used,
    });

    private Alert Alert(DateTimeOffset? resolved) => new()
    {
        Uuid = Guid.NewGuid(),
        Type = AlertType.DeadLetter,
        Subject = "a message",
        Body = "was given up",
        Created = _rig.Time.GetUtcNow(),
        Resolved = resolved,
    };

    public sealed class OnSqlite() : RetentionTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : RetentionTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : RetentionTests(DatabaseProvider.SqlServer);
}
