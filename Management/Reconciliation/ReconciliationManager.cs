using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Workflows;

namespace PciBus.Management.Reconciliation;

/// <summary>What must happen although no message came: each method is one Quartz job, and may be called at any time.</summary>
internal sealed class ReconciliationManager(
    DatabaseTransactions transactions,
    WorkflowRunner runner,
    WorkflowQueries workflows,
    WorkflowOptions options,
    OutboxRelay outbox,
    TimeProvider time)
{
    /// <summary>Feeds Overdue to the workflows whose deadline has passed.</summary>
    public async Task FeedOverdueAsync(CancellationToken cancellationToken) => await runner.FeedEachAsync(
        await workflows.OverdueAsync(time.GetUtcNow(), cancellationToken), new Overdue(), cancellationToken);

    /// <summary>Wakes parked workflows whose host is Up.</summary>
    public async Task WakeParkedAsync(CancellationToken cancellationToken)
    {
        foreach (var host in (await workflows.ParkedOnUpHostsAsync(cancellationToken)).ToLookup(parked => parked.HostId, parked => parked.WorkflowId))
        {
            await runner.FeedEachAsync(host, new AgentSession(host.Key), cancellationToken);
        }
    }

    /// <summary>Sends the messages whose lease has ended.</summary>
    public Task TakeOverOutboxAsync(CancellationToken cancellationToken) =>
        outbox.TakeOverAsync(time.GetUtcNow(), cancellationToken);

    /// <summary>Writes down which hosts were heard since the last time.</summary>
    public Task WriteLivenessAsync(CancellationToken cancellationToken) => transactions.RunAsync(
        (HostLivenessManager liveness) => liveness.WriteAsync(cancellationToken), cancellationToken);

    /// <summary>Deletes the markers of commits that nobody will look for any more.</summary>
    public Task DeleteCommitMarkersAsync(CancellationToken cancellationToken) => transactions.RunAsync(
        (PciBusDbContext database) => CommitOutcome.DeleteOldAsync(database, time.GetUtcNow(), cancellationToken), cancellationToken);

    /// <summary>Ends the jobs about devices whose hosts never answered.</summary>
    public Task EndOverdueDeviceJobsAsync(CancellationToken cancellationToken) => transactions.RunAsync(
        (PciDeviceQuarantineManager quarantine) =>
            quarantine.EndOverdueAsync(time.GetUtcNow() - options.CommandTimeout, cancellationToken),
        cancellationToken);
}
