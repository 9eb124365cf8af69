using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using PciBus.Management.Setup;
using PciBus.Tests.Nemesis;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.EndToEnd;

/// <summary>Two processes begin at once on a database that lacks tables: those of the schema, and those of the scheduler.</summary>
[OutOfProcess]
[OnlyInAll("half a minute of processes")]
public sealed class TwoServersTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private static readonly IReadOnlyList<ReconciliationJob> Jobs = ReconciliationJobs.All;
    private static readonly int SharedJobs = Jobs.Count(job => !job.PerServer);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    /// <param name="lacking">How many of the newest scripts a database of before lacks; 0 = the database is empty.</param>
    [Theory]
    [InlineData(nameof(DatabaseProvider.PostgreSql), 0)]
    [InlineData(nameof(DatabaseProvider.PostgreSql), 1)]
    [InlineData(nameof(DatabaseProvider.SqlServer), 0)]
    public async Task Two_servers_that_start_at_once_make_everything_once(string engine, int lacking)
    {
        await using var cluster = new NemesisCluster(hosts: 1, emptyOn: Enum.Parse<DatabaseProvider>(engine));
        var scripts = SchemaInstaller.Scripts(cluster.Database.Provider);
        if (lacking > 0) SchemaInstaller.Upgrade(cluster.Database, [.. scripts.SkipLast(lacking)]);

        await cluster.StartAsync(_token);
        await RowsAsync("SELECT CAST(count(*) AS varchar(9)) FROM QRTZ_SCHEDULER_STATE", "2");

        var lines = cluster.Management.SelectMany(server => server.Output.Split('\n'));
        Assert.Single(lines, line => line.Contains(": installed ", StringComparison.Ordinal));
        await RowsAsync("SELECT CAST(count(*) AS varchar(9)) FROM SchemaVersions", $"{scripts.Count}");
        await RowsAsync("SELECT CAST(count(*) AS varchar(9)) FROM QRTZ_JOB_DETAILS", $"{SharedJobs}");
        await RowsAsync("SELECT CAST(count(*) AS varchar(9)) FROM QRTZ_TRIGGERS", $"{SharedJobs}");
        await RowsAsync("SELECT TRIGGER_NAME FROM QRTZ_TRIGGERS WHERE TRIGGER_STATE = 'ERROR'");
        // The first run of each job is due at the start, and written down.
        await RowsAsync("SELECT CAST(count(*) AS varchar(9)) FROM reconciliation_job", $"{Jobs.Count}");
        await RowsAsync("SELECT name FROM reconciliation_job WHERE failures > 0");
        foreach (var server in cluster.Management)
        {
            var scene = await TestScene.CreateAsync(server.Api, "10GE");
            await scene.DeployAsync($"vm{server.Port}");
        }

        Assert.Equal([], cluster.Errors);
        Assert.Equal([], cluster.Judge.Wrongs());

        Task RowsAsync(string sql, params string[] expected) => cluster.Judge.RowsAreAsync(sql, Soon, _token, expected);
    }
}
