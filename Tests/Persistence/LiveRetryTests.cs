using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using PciBus.Contracts.Startup;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>A transaction that a live engine breaks off runs again as a whole, and nothing is done twice.</summary>
public abstract class LiveRetryTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    /// <summary>What counts the sessions that wait for a lock in the current database.</summary>
    private protected abstract FormattableString Waiting { get; }

    private protected abstract DatabaseProvider Provider { get; }

    /// <summary>As the engine's client tells that the answer did not come.</summary>
    private protected abstract Exception Silence { get; }

    [Fact]
    public async Task WholeTransaction_RunsAgain_WhenItsConnectionIsKilled()
    {
        using var rig = NewRig();
        var attempts = 0;

        await rig.RunAsync(async (IServiceProvider services) =>
        {
            var database = await WriteAsync(services);
            if (++attempts > 1) return;
            Kill(database.Database.GetDbConnection());
        });

        await AssertWrittenOnceAsync(rig);
        Assert.Equal(2, attempts);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task LostCommit_IsLookedUp_NotRepeated(bool committed, int expectedAttempts)
    {
        using var rig = NewRig(new LostAnswer(afterTheCommit: committed, Silence));
        var attempts = 0;

        var result = await rig.RunAsync(async (IServiceProvider services) =>
        {
            await WriteAsync(services);
            return ++attempts;
        });

        Assert.Equal((expectedAttempts, expectedAttempts), (attempts, result));
        await AssertWrittenOnceAsync(rig);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CommitUnderWay_IsWaitedFor_AndThenItsOutcomeIsKnown(bool committed)
    {
        var token = TestContext.Current.CancellationToken;
        using var rig = NewRig();
        await using var writing = rig.Open();
        await using var looking = rig.Open();
        var transaction = await writing.Database.BeginTransactionAsync(token);
        await writing.Database.ExecuteSqlAsync($"INSERT INTO configuration VALUES ('x', '0')", token);
        var marker = await CommitOutcome.MarkAsync(writing, Announcements.Now, token);

        var outcome = CommitOutcome.IsCommittedAsync(looking, marker!.Value, Announcements.Now, token);
        var waiting = 0;
        await Patience.UntilAsync(
            () => (waiting = rig.Read(database => database.Database.SqlQuery<int>(Waiting).Single())) == 1,
            Soon,
            () => $"{waiting} sessions wait for a lock",
            token,
            "one session waits for the commit");
        if (committed) await transaction.CommitAsync(token);
        else await transaction.RollbackAsync(token);

        Assert.Equal(committed, await outcome);
        await using var asking = rig.Open();
        Assert.Equal(committed, await CommitOutcome.IsCommittedAsync(asking, marker.Value, Announcements.Now, token));
    }

    [Fact]
    public async Task TransactionThatWroteNothing_LeavesNoMarker()
    {
        using var rig = NewRig();

        await rig.RunAsync((PciBusDbContext database) => database.Set<ConfigurationValue>().CountAsync());
        Assert.Equal(0, rig.Read(database => database.Set<CommitMarker>().Count()));

        await rig.RunAsync((PciBusDbContext database) => database.Database.ExecuteSqlAsync($"INSERT INTO configuration VALUES ('x', '0')"));
        Assert.Equal(1, rig.Read(database => database.Set<CommitMarker>().Count()));

        rig.Time.Advance(CommitOutcome.Kept + TimeSpan.FromSeconds(1));
        await rig.RunJobAsync<CommitMarkersJob>();
        Assert.Equal(rig.Time.GetUtcNow(), rig.Read(database => database.Set<CommitMarker>().Single()).Created);
    }

    [Fact]
    public async Task DeadlockOfTwo_EndsInBothDone()
    {
        using var rig = NewRig();
        rig.Execute("INSERT INTO configuration VALUES ('a', '0'), ('b', '0')");
        using var other = rig.AnotherServer();
        using var both = new CountdownEvent(2);
        var attempts = 0;

        await Task.WhenAll(AddOneAsync(rig, "a", "b"), AddOneAsync(other, "b", "a"));

        Assert.Equal(["2", "2"], rig.Read(database => database.Set<ConfigurationValue>().Select(row => row.Value).ToList()));
        Assert.Equal(3, attempts);

        Task AddOneAsync(ManagementRig server, string first, string second) => Task.Run(() => server.RunAsync(async (PciBusDbContext database) =>
        {
            Interlocked.Increment(ref attempts);
            await AddAsync(database, first);
            if (!both.IsSet) both.Signal();
            both.Wait(Patience.Times(Soon));
            await AddAsync(database, second);
        }));
    }

    [Fact]
    public async Task RowThatTwoFoundMissing_IsMadeOnce()
    {
        using var rig = NewRig();
        using var other = rig.AnotherServer();
        using var third = rig.AnotherServer();

        await Task.WhenAll(new[] { rig, other, third }.SelectMany(server => Enumerable.Range(0, 4).Select(number =>
            Task.Run(() => server.Agents.StartupAsync(Announcements.Host($"kvm{number}", "28:00.1|10GE"), CancellationToken.None)))));

        Assert.Equal(4, rig.Read(database => database.Set<PciBus.Management.Hosts.Host>().Count()));
        Assert.Equal(1, rig.Read(database => database.Set<PciBus.Management.Places.Zone>().Count()));
        Assert.Equal(4, rig.Read(database => database.Set<PciBus.Management.PciDevices.PciDevice>().Count()));
    }

    private protected abstract void Kill(DbConnection connection);

    private protected ManagementRig NewRig(params IInterceptor[] interceptors) => new(provider: Provider, interceptors: interceptors);

    private protected static async Task<PciBusDbContext> WriteAsync(IServiceProvider services)
    {
        var database = services.GetRequiredService<PciBusDbContext>();
        if (await AddAsync(database, "a") == 0) await database.Database.ExecuteSqlAsync($"INSERT INTO configuration VALUES ('a', '1')");
        services.GetRequiredService<Outbox>().Add("agent.kvm1", new ReadyCommand { HostName = "a" });
        return database;
    }

    /// <summary>What it wrote is there once, and so is what it sent.</summary>
    private protected static async Task AssertWrittenOnceAsync(ManagementRig rig)
    {
        Assert.Equal("1", rig.Read(database => database.Set<ConfigurationValue>().Single()).Value);
        await rig.DeliverAsync();
        Assert.Equal(["a"], rig.Bus.Sent.Select(sent => ((ReadyCommand)sent.Message).HostName));
        Assert.Equal(0, rig.Read(database => database.Set<OutboxMessage>().Count()));
    }

    private static Task<int> AddAsync(PciBusDbContext database, string name) => database.Database.ExecuteSqlAsync(
        $"UPDATE configuration SET value = CAST(CAST(value AS int) + 1 AS varchar(9)) WHERE name = {name}");
}
