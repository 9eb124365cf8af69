using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.AttachPciDevices;
using PciBus.Management.Workflows.StartVirtualMachine;

namespace PciBus.Management.Reconciliation;

/// <summary>What must happen although no message came: each method is one job, and may be called at any time.</summary>
internal sealed class ReconciliationManager(
    DatabaseTransactions transactions,
    WorkflowRunner runner,
    WorkflowQueries workflows,
    WorkflowOptions options,
    OutboxRelay outbox,
    HostSilence silence,
    TimeProvider time)
{
    /// <summary>The last host that was looked at for what does not belong there, and for its capacity.</summary>
    private long _lastHostOfClaims, _lastHostOfCapacity;

    /// <summary>Feeds Overdue to the workflows whose deadline has passed.</summary>
    /// <returns>How many there were; so it is with the others.</returns>
    public async Task<int> FeedOverdueAsync(CancellationToken cancellationToken)
    {
        var overdue = await workflows.OverdueAsync(time.GetUtcNow(), cancellationToken);
        await runner.FeedEachAsync(overdue, new Overdue(), cancellationToken);
        return overdue.Count;
    }

    /// <summary>Wakes parked workflows whose host is Up.</summary>
    public async Task<int> WakeParkedAsync(CancellationToken cancellationToken)
    {
        var parked = await workflows.ParkedOnUpHostsAsync(cancellationToken);
        foreach (var host in parked.ToLookup(parked => parked.HostId, parked => parked.WorkflowId))
        {
            await runner.FeedEachAsync(host, new AgentSession(host.Key), cancellationToken);
        }

        return parked.Count;
    }

    /// <summary>Asks hosts that are not heard, and says of those that do not answer that they are away.</summary>
    public async Task<int> InvestigateHostsAsync(CancellationToken cancellationToken) =>
        silence.Counts
            ? await transactions.RunAsync((HostLivenessManager liveness) => liveness.InvestigateAsync(cancellationToken), cancellationToken)
            : 0;

    /// <summary>Nobody waits for a host that was declared down, and no virtual machine runs there.</summary>
    public async Task<int> LeaveDownHostsAsync(CancellationToken cancellationToken)
    {
        var awaiting = await workflows.AwaitingDownHostsAsync(cancellationToken);
        foreach (var (workflowId, hostId) in awaiting) await runner.FeedEachAsync([workflowId], new HostDown(hostId), cancellationToken);

        var left = await workflows.LeftBehindAsync(cancellationToken);
        foreach (var (vmId, hostId, hostName) in left)
        {
            var settle = await SettleAsync(vmId, hostId, $"{hostName} was declared down", cancellationToken);
            await runner.FeedEachAsync([settle.WorkflowId], new HostDown(hostId), cancellationToken);
        }

        return awaiting.Count + left.Count;
    }

    /// <summary>Starts the virtual machines again that ran on a host when it was declared down.</summary>
    public async Task<int> RestartAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var due = await workflows.ToRestartAsync(now, cancellationToken);
        foreach (var vmId in due)
        {
            await runner.BeginAsync(
                new WorkflowRequest(WorkflowKind.StartVirtualMachine, new StartDocument())
                {
                    VmId = vmId,
                    OnlyIf = vm => WorkflowRequest.IsNotHeld(vm) && vm.RestartAt <= now,
                },
                cancellationToken);
        }

        return due.Count;
    }

    /// <summary>
    /// Asks the next page of hosts about what virtual machines have there that are elsewhere, or off. The reports of a host lead
    /// to the same; here it does not depend on them.
    /// </summary>
    public async Task<int> SettleStraysAsync(CancellationToken cancellationToken)
    {
        var hosts = await workflows.HostsAsync(_lastHostOfClaims, cancellationToken);
        _lastHostOfClaims = hosts.LastOrDefault();
        var strays = await workflows.StraysAsync(hosts, cancellationToken);
        foreach (var (vmId, hostId, hostName) in strays)
        {
            await SettleAsync(vmId, hostId, $"it has something on {hostName} and is not there", cancellationToken);
        }

        return strays.Count;
    }

    /// <summary>Corrects the capacity of the next page of hosts where it is not the sum of what virtual machines have taken.</summary>
    public async Task<int> AuditCapacityAsync(CancellationToken cancellationToken)
    {
        (_lastHostOfCapacity, var corrected) = await transactions.RunAsync(
            (HostCapacityAuditManager audit) => audit.AuditAsync(_lastHostOfCapacity, cancellationToken), cancellationToken);
        return corrected;
    }

    /// <summary>Sets lines of workflows going whose head is gone, and ends jobs that nothing works on.</summary>
    /// <returns>How many lines, and how many jobs.</returns>
    public async Task<(int Lines, int Jobs)> AdoptOrphansAsync(CancellationToken cancellationToken)
    {
        var lines = 0;
        foreach (var vmId in await transactions.RunAsync((OrphanManager orphans) => orphans.FindLinesAsync(cancellationToken), cancellationToken))
        {
            var (adopted, next) = await transactions.RunAsync(
                (OrphanManager orphans) => orphans.AdoptAsync(vmId, cancellationToken), cancellationToken);
            if (adopted) lines++;
            if (next is not null) await runner.BeginAsync(next, cancellationToken);
        }

        var jobs = await transactions.RunAsync((OrphanManager orphans) => orphans.FindJobsAsync(cancellationToken), cancellationToken);
        foreach (var jobId in jobs)
        {
            await transactions.RunAsync((OrphanManager orphans) => orphans.EndAsync(jobId, cancellationToken), cancellationToken);
        }

        return (lines, jobs.Count);
    }

    /// <summary>Begins to give virtual machines the devices that they lack and their hosts have.</summary>
    public async Task<int> RepairAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var repairs = await transactions.RunAsync((PciDeviceRepairManager repair) => repair.FindAsync(cancellationToken), cancellationToken);
        foreach (var (vmId, vmName, name, deviceId) in repairs)
        {
            await runner.BeginAsync(
                new WorkflowRequest(WorkflowKind.AttachPciDevices, new AttachDocument { Name = name, DeviceId = deviceId, Repair = true })
                {
                    VmId = vmId,
                    Job = new JobRequest("attachPciDevice", Caller.Admin, EventTypes.VmRepair, $"attaching {name} to {vmName}, which lacks it"),
                    OnlyIf = vm => WorkflowRequest.IsNotHeld(vm) && vm.RepairAt <= now,
                },
                cancellationToken);
        }

        return repairs.Count;
    }

    /// <summary>Sends the messages whose lease has ended.</summary>
    public Task<int> TakeOverOutboxAsync(CancellationToken cancellationToken) =>
        outbox.TakeOverAsync(time.GetUtcNow(), cancellationToken);

    /// <summary>Deletes the markers of commits that nobody will look for any more.</summary>
    public Task<int> DeleteCommitMarkersAsync(CancellationToken cancellationToken) => transactions.RunAsync(
        (PciBusDbContext database) => CommitOutcome.DeleteOldAsync(database, time.GetUtcNow(), cancellationToken), cancellationToken);

    /// <summary>Ends the jobs about devices whose hosts never answered.</summary>
    public Task<int> EndOverdueDeviceJobsAsync(CancellationToken cancellationToken) => transactions.RunAsync(
        (PciDeviceQuarantineManager quarantine) =>
            quarantine.EndOverdueAsync(time.GetUtcNow() - options.CommandTimeout, cancellationToken),
        cancellationToken);

    /// <summary>Ends the reconnections whose agents did not announce themselves.</summary>
    public Task<int> EndOverdueReconnectsAsync(CancellationToken cancellationToken) => transactions.RunAsync(
        (HostReconnectManager reconnects) => reconnects.EndOverdueAsync(options.CommandTimeout, cancellationToken), cancellationToken);

    private Task<StepOutcome> SettleAsync(long vmId, long hostId, string why, CancellationToken cancellationToken) =>
        runner.BeginAsync(WorkflowRequest.Settle(vmId, hostId, why), cancellationToken);
}
