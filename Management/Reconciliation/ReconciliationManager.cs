using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.Settle;
using PciBus.Management.Workflows.StartVirtualMachine;

namespace PciBus.Management.Reconciliation;

/// <summary>What must happen although no message came: each method is one Quartz job, and may be called at any time.</summary>
internal sealed class ReconciliationManager(
    DatabaseTransactions transactions,
    WorkflowRunner runner,
    WorkflowQueries workflows,
    WorkflowOptions options,
    OutboxRelay outbox,
    AgentReturn agents,
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

    /// <summary>Asks hosts that are not heard, and says of those that do not answer that they are away.</summary>
    public async Task InvestigateHostsAsync(CancellationToken cancellationToken)
    {
        // While the broker is away, or has just come back, no host can be heard.
        if (!agents.AgentsAreBack) return;
        await transactions.RunAsync((HostLivenessManager liveness) => liveness.InvestigateAsync(cancellationToken), cancellationToken);
    }

    /// <summary>Nobody waits for a host that was declared down, and no virtual machine runs there.</summary>
    public async Task LeaveDownHostsAsync(CancellationToken cancellationToken)
    {
        foreach (var (workflowId, hostId) in await workflows.AwaitingDownHostsAsync(cancellationToken))
        {
            await runner.FeedEachAsync([workflowId], new HostDown(hostId), cancellationToken);
        }

        foreach (var (vmId, hostId, hostName) in await workflows.LeftBehindAsync(cancellationToken))
        {
            var settle = await runner.BeginAsync(
                new WorkflowRequest(WorkflowKind.Settle, new SettleDocument(hostId, $"{hostName} was declared down")) { VmId = vmId, OnlyIf = WorkflowRequest.IsNotHeld },
                cancellationToken);
            await runner.FeedEachAsync([settle.WorkflowId], new HostDown(hostId), cancellationToken);
        }
    }

    /// <summary>Starts the virtual machines again that ran on a host when it was declared down.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var vmId in await workflows.ToRestartAsync(now, cancellationToken))
        {
            await runner.BeginAsync(
                new WorkflowRequest(WorkflowKind.StartVirtualMachine, new StartDocument())
                {
                    VmId = vmId,
                    OnlyIf = vm => WorkflowRequest.IsNotHeld(vm) && vm.RestartAt <= now,
                },
                cancellationToken);
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

    /// <summary>Ends the reconnections whose agents did not announce themselves.</summary>
    public Task EndOverdueReconnectsAsync(CancellationToken cancellationToken) => transactions.RunAsync(
        (HostReconnectManager reconnects) => reconnects.EndOverdueAsync(options.CommandTimeout, cancellationToken), cancellationToken);
}
