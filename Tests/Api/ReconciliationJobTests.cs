using Newtonsoft.Json.Linq;
using Xunit;

namespace PciBus.Tests.Api;

public sealed class ReconciliationJobTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly ApiStory _story = new();

    public ValueTask InitializeAsync() => _story.InitializeAsync();

    public ValueTask DisposeAsync() => _story.DisposeAsync();

    [Fact]
    public async Task Jobs_are_listed_before_they_ever_ran()
    {
        var jobs = (await _story.Management.OkAsync("listReconciliationJobs", None))["reconciliationjob"]!;
        Assert.Equal(
            ["broker.exchanges", "broker.users", "capacity", "claims", "commit.markers", "degraded", "device.jobs", "ha.restart", "host.down", "host.fencing", "host.investigation",
                "host.liveness", "host.maintenance", "host.reconnects",
                "outbox", "placement.classes", "retention", "workflow.orphans", "workflow.overdue", "workflow.parked"],
            jobs.Select(job => (string)job["name"]!));
        Assert.All(jobs, job => Assert.Equal(("Idle", 0, null), ((string)job["state"]!, (int)job["runs"]!, (string?)job["laststart"])));
        Assert.Equal((1, true), ((int)Named(jobs, "workflow.overdue")["interval"]!, (bool)Named(jobs, "workflow.overdue")["perserver"]!));
        Assert.Equal((3600, false), ((int)Named(jobs, "retention")["interval"]!, (bool)Named(jobs, "retention")["perserver"]!));
    }

    [Fact]
    public async Task A_job_that_is_run_by_hand_says_what_it_did()
    {
        await _story.Management.DatabaseAsync(database => Sql(database, "UPDATE op_host_capacity SET cpu_used = 7 WHERE cpu_used > 0"));

        var ran = (await _story.Management.OkAsync("runReconciliationJob", None, ("name", "capacity")))["reconciliationjob"]!;
        Assert.Equal(
            ("capacity", "Idle", "hosts corrected: 1", 1, 0),
            ((string)ran["name"]!, (string)ran["state"]!, (string)ran["lastresult"]!, (int)ran["runs"]!, (int)ran["failures"]!));
        Assert.NotNull((string?)ran["lastend"]);

        var listed = (await _story.Management.OkAsync("listReconciliationJobs", None, ("name", "capacity")))["reconciliationjob"]!.Single();
        Assert.True(JToken.DeepEquals(ran, listed), $"{ran}\n{listed}");
    }

    [Fact]
    public async Task A_job_that_fails_is_an_error_and_is_failing()
    {
        await _story.Management.DatabaseAsync(database => Sql(database, "DROP TABLE pci_device_history"));

        var (status, answer) = await _story.Management.CallAsync("runReconciliationJob", None, ("name", "retention"));

        Assert.Equal(530, (int)status);
        Assert.Contains(
            "The reconciliation job retention failed: ", (string)answer["runreconciliationjobresponse"]!["errortext"]!, StringComparison.Ordinal);
        var job = (await _story.Management.OkAsync("listReconciliationJobs", None, ("name", "retention")))["reconciliationjob"]!.Single();
        Assert.Equal(("Failing", 1, 1), ((string)job["state"]!, (int)job["runs"]!, (int)job["failures"]!));
        Assert.StartsWith("failed: ", (string)job["lastresult"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_job_is_refused_with_those_there_are()
    {
        var (status, answer) = await _story.Management.CallAsync("runReconciliationJob", None, ("name", "capacities"));

        Assert.Equal(431, (int)status);
        Assert.StartsWith(
            "There is no reconciliation job capacities; there are broker.exchanges, broker.users, capacity, claims, ",
            (string)answer["runreconciliationjobresponse"]!["errortext"]!, StringComparison.Ordinal);
        Assert.Empty(await _story.Management.OkAsync("listReconciliationJobs", None, ("name", "capacities")));
    }

    private static JToken Named(JToken jobs, string name) => jobs.Single(job => (string)job["name"]! == name);

    private static Task<int> Sql(PciBus.Management.Persistence.PciBusDbContext database, string sql) =>
        Microsoft.EntityFrameworkCore.RelationalDatabaseFacadeExtensions.ExecuteSqlRawAsync(database.Database, sql);
}
