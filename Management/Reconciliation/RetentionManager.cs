using Microsoft.EntityFrameworkCore;
using PciBus.Management.Events;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Upkeep;
using PciBus.Management.Workflows;

namespace PciBus.Management.Reconciliation;

/// <summary>Deletes what is over and was kept long enough, the oldest first, in transactions that hold nobody up.</summary>
internal sealed class RetentionManager(DatabaseTransactions transactions, ReconciliationOptions options, TimeProvider time)
{
    /// <summary>Rows that one transaction deletes.</summary>
    public const int BatchSize = 1000;

    /// <summary>Of each kind in one run: whatever is left is for the next.</summary>
    private const int MostBatches = 100;

    /// <returns>What was deleted; null for nothing.</returns>
    public async Task<string?> PurgeAsync(CancellationToken cancellationToken)
    {
        var deleted = new List<string>();
        await PurgeAsync("events", options.EventPurgeDelay, Events);
        await PurgeAsync("alerts", options.AlertPurgeDelay, Alerts);
        await PurgeAsync("jobs", options.JobPurgeDelay, AsyncJobs);
        await PurgeAsync("lines of device history", options.PciDeviceHistoryPurgeDelay, History);
        await PurgeAsync("join tokens", options.HostJoinTokenPurgeDelay, JoinTokens);
        return deleted.Count > 0 ? $"deleted: {string.Join(", ", deleted)}" : null;

        async Task PurgeAsync<T>(string what, TimeSpan keep, Func<PciBusDbContext, DateTimeOffset, IQueryable<T>> old)
        {
            if (keep <= TimeSpan.Zero) return;
            var count = await DeleteAsync(time.GetUtcNow() - keep, old, cancellationToken);
            if (count > 0) deleted.Add($"{count} {what}");
        }
    }

    private async Task<int> DeleteAsync<T>(
        DateTimeOffset before, Func<PciBusDbContext, DateTimeOffset, IQueryable<T>> old, CancellationToken cancellationToken)
    {
        var deleted = 0;
        for (var batch = 1; batch <= MostBatches; batch++)
        {
            var rows = await transactions.RunAsync(
                (PciBusDbContext database) => old(database, before).Take(BatchSize).ExecuteDeleteAsync(cancellationToken), cancellationToken);
            deleted += rows;
            if (rows < BatchSize) break;
        }

        return deleted;
    }

    private static IQueryable<Event> Events(PciBusDbContext database, DateTimeOffset before) =>
        database.Set<Event>().Where(row => row.Created < before).OrderBy(row => row.Created);

    private static IQueryable<Alert> Alerts(PciBusDbContext database, DateTimeOffset before) =>
        database.Set<Alert>().Where(row => row.Resolved < before).OrderBy(row => row.Resolved);

    /// <summary>A token that was used expires too.</summary>
    private static IQueryable<HostJoinToken> JoinTokens(PciBusDbContext database, DateTimeOffset before) =>
        database.Set<HostJoinToken>().Where(row => row.Expires < before).OrderBy(row => row.Id);

    /// <summary>A workflow that is parked after its job has ended refers to it yet.</summary>
    private static IQueryable<AsyncJob> AsyncJobs(PciBusDbContext database, DateTimeOffset before) => database.Set<AsyncJob>()
        .Where(row => row.Completed < before
            && !database.Set<Workflow>().Any(workflow => workflow.VmId == row.InstanceId && workflow.JobId == row.Id))
        .OrderBy(row => row.Completed);

    /// <summary>What tells of a claim stays while the device is claimed.</summary>
    private static IQueryable<PciDeviceHistory> History(PciBusDbContext database, DateTimeOffset before) => database.Set<PciDeviceHistory>()
        .Where(row => row.Created < before
            && !database.Set<PciDevice>().Any(device => device.Id == row.DeviceId && device.InstanceId != null && device.Claim == row.Claim))
        .OrderBy(row => row.Created);
}
