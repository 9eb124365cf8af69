using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>What is written down of reconciliation jobs.</summary>
public abstract class ReconciliationRunTests : IDisposable
{
    private readonly ManagementRig _rig;
    private readonly ScriptedJob _script = new();
    private readonly ServiceProvider _services;
    private readonly ReconciliationRunner _runner;

    private protected ReconciliationRunTests(DatabaseProvider provider)
    {
        _rig = new ManagementRig(provider: provider);
        _services = new ServiceCollection().AddSingleton(_script).BuildServiceProvider();
        _runner = NewRunner();
    }

    [Fact]
    public async Task FirstRun_IsWrittenDown()
    {
        _script.Does = () => "things done: 3";

        Assert.Null(await RunAsync());

        Assert.Equal((_rig.Time.GetUtcNow(), _rig.Time.GetUtcNow(), "things done: 3"), (Row().LastStart, Row().LastEnd, Row().LastResult));
        Assert.Equal((0, 1L, 0L), (Row().Failing, Row().Runs, Row().Failures));
        Assert.EndsWith($":{Environment.ProcessId}", Row().Server, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunLikeTheOneBefore_IsWrittenDownOnceAMinute()
    {
        var first = _rig.Time.GetUtcNow();
        await RunAsync();
        for (var second = 1; second < 60; second++) await RunAfterAsync(TimeSpan.FromSeconds(1));
        Assert.Equal((first, 1L, "nothing to do"), (Row().LastStart, Row().Runs, Row().LastResult));

        await RunAfterAsync(TimeSpan.FromSeconds(1));
        Assert.Equal((_rig.Time.GetUtcNow(), 61L), (Row().LastStart, Row().Runs));
    }

    [Fact]
    public async Task AnotherResult_AndARunByHand_AreWrittenDownAtOnce()
    {
        await RunAsync();
        _script.Does = () => "things done: 1";
        await RunAfterAsync(TimeSpan.FromSeconds(1));
        Assert.Equal((2L, "things done: 1"), (Row().Runs, Row().LastResult));

        _rig.Time.Advance(TimeSpan.FromSeconds(1));
        await _runner.RunAsync(ScriptedJob.About, byHand: true, CancellationToken.None);
        Assert.Equal((3L, _rig.Time.GetUtcNow()), (Row().Runs, Row().LastEnd));
    }

    [Fact]
    public async Task RunUnderWay_CanBeSeen()
    {
        await RunAsync();
        ReconciliationRun? underWay = null;
        _script.Does = () =>
        {
            underWay = Row();
            return null;
        };

        await RunAfterAsync(TimeSpan.FromMinutes(1));

        Assert.True(underWay!.LastEnd < underWay.LastStart);
        Assert.False(Row().LastEnd < Row().LastStart);
    }

    [Fact]
    [ShowsEndOf(AlertType.ReconciliationJobFails)]
    public async Task JobThatFails_IsLogged_IsAnAlertAfterThreeTimes_AndRunsAgain()
    {
        _script.Does = () => throw new InvalidOperationException("no way");
        Assert.Equal("no way", await RunAsync());
        await RunAfterAsync(TimeSpan.FromSeconds(1));
        Assert.Empty(Alerts());
        Assert.Equal((1, "failed: no way"), (Row().Failing, Row().LastResult));

        await RunAfterAsync(TimeSpan.FromSeconds(1));
        await RunAfterAsync(TimeSpan.FromMinutes(2));
        var alert = Assert.Single(Alerts());
        Assert.Equal((AlertType.ReconciliationJobFails, "The reconciliation job scripted fails", null), (alert.Type, alert.Subject, alert.Resolved));
        Assert.Contains("no way", alert.Body, StringComparison.Ordinal);
        Assert.Equal((4, 4L, 4L), (Row().Failing, Row().Runs, Row().Failures));
        Assert.Contains(_rig.Log.Lines, line => line.Text.Contains("The reconciliation job scripted failed", StringComparison.Ordinal));

        _script.Does = () => null;
        await RunAfterAsync(TimeSpan.FromSeconds(1));
        Assert.NotNull(Assert.Single(Alerts()).Resolved);
        Assert.Equal((0, 5L, 4L), (Row().Failing, Row().Runs, Row().Failures));
    }

    [Fact]
    public async Task AlertOfAServerThatDied_IsResolvedByTheNextStart()
    {
        _script.Does = () => throw new InvalidOperationException("no way");
        for (var run = 1; run <= ReconciliationRunManager.AlertAfter; run++) await RunAsync();
        _script.Does = () => null;

        await NewRunner().RunAsync(ScriptedJob.About, byHand: false, CancellationToken.None);

        Assert.NotNull(Assert.Single(Alerts()).Resolved);
    }

    [Fact]
    public async Task RunsOfOneJob_FollowEachOther()
    {
        var inside = 0;
        var most = 0;
        _script.DoesAsync = async () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
            return null;
        };

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => _runner.RunAsync(ScriptedJob.About, byHand: true, CancellationToken.None))));

        Assert.Equal((1, 10L), (most, Row().Runs));
    }

    [Fact]
    public async Task EveryJob_RunsOnAnEmptyDatabase()
    {
        var runner = _rig.Get<ReconciliationRunner>();
        foreach (var job in runner.Jobs) Assert.Null(await runner.RunAsync(job, byHand: true, CancellationToken.None));

        var rows = _rig.Read(database => database.Set<ReconciliationRun>().ToList());
        Assert.Equal(runner.Jobs.Select(job => job.Name).Order(), rows.Select(row => row.Name).Order());
        Assert.All(rows, row => Assert.NotNull(row.LastEnd));
    }

    public void Dispose()
    {
        _services.Dispose();
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private ReconciliationRunner NewRunner() => new(
        [ScriptedJob.About], _services, _rig.Get<DatabaseTransactions>(), _rig.Time, _rig.Get<ILogger<ReconciliationRunner>>());

    private Task<string?> RunAsync() => _runner.RunAsync(ScriptedJob.About, byHand: false, CancellationToken.None);

    private Task<string?> RunAfterAsync(TimeSpan time)
    {
        _rig.Time.Advance(time);
        return RunAsync();
    }

    private ReconciliationRun Row() => _rig.Read(database => database.Set<ReconciliationRun>().Single());

    private List<Alert> Alerts() => _rig.Read(database => database.Set<Alert>().ToList());

    [SuppressMessage("Performance", "CA1812", Justification = "The container has it")]
    private sealed class ScriptedJob : IReconciliationJob
    {
        public static ReconciliationJob About { get; } = new(
            typeof(ScriptedJob), "scripted", "Does what a test says", TimeSpan.FromSeconds(1), "how often it does what a test says");

        public Func<Task<string?>> DoesAsync { get; set; } = () => Task.FromResult<string?>(null);

        public Func<string?> Does
        {
            set => DoesAsync = () => Task.FromResult(value());
        }

        public Task<string?> RunAsync(CancellationToken cancellationToken) => DoesAsync();
    }

    public sealed class OnSqlite() : ReconciliationRunTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : ReconciliationRunTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : ReconciliationRunTests(DatabaseProvider.SqlServer);
}
