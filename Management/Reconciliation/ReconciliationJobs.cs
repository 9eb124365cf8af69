using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>The reconciliation jobs, as one table.</summary>
internal static class ReconciliationJobs
{
    public static IReadOnlyList<ReconciliationJob> All(ReconciliationOptions options) =>
    [
        // What this process heard, nobody else can write down; and what another left behind waits for no scheduler's turn.
        new("host.liveness", "Writes down which hosts were heard", options.HostLiveness, typeof(HostLivenessJob)) { PerServer = true },
        new("outbox", "Sends what servers that died have left in the outbox", options.Outbox, typeof(OutboxTakeOverJob)) { PerServer = true },
        new("workflow.overdue", "Wakes workflows whose deadline has passed", options.WorkflowOverdue, typeof(OverdueWorkflowsJob)) { PerServer = true },
        new("workflow.parked", "Wakes workflows that wait for a host which is Up", options.WorkflowParked, typeof(ParkedWorkflowsJob)),
        new(
            "workflow.orphans",
            "Sets workflows going that wait behind one that is gone, and ends jobs that nothing works on",
            options.WorkflowOrphans,
            typeof(OrphansJob)),
        new("host.investigation", "Asks hosts that are not heard; those that do not answer are in Alert", options.HostInvestigation, typeof(HostInvestigationJob)),
        new("host.down", "Leaves hosts that were declared down", options.HostDown, typeof(DownHostsJob)),
        new("host.maintenance", "Moves virtual machines away from hosts that are being emptied for maintenance", options.HostMaintenance, typeof(MaintenanceJob)),
        new("host.fencing", "Fences hosts that are not heard, where a fencing command is configured", options.HostFencing, typeof(FencingJob)),
        new("host.reconnects", "Ends reconnections whose agents did not announce themselves", options.HostReconnects, typeof(OverdueReconnectsJob)),
        new(
            "broker.users",
            "Makes the users of hosts again on a broker that has lost them, and takes away those of hosts that are gone",
            options.BrokerUsers,
            typeof(BrokerUsersJob)),
        new(
            "broker.exchanges",
            "Takes away the exchanges of hosts that are gone, where no agent uses them",
            options.BrokerExchanges,
            typeof(BrokerExchangesJob)),
        new("ha.restart", "Starts highly available virtual machines again that were on a host that is down", options.HaRestart, typeof(RestartsJob)),
        new("claims", "Settles what virtual machines have on hosts where they are not, a page of hosts in each run", options.Claims, typeof(StrayClaimsJob)),
        new(
            "capacity",
            "Corrects hosts whose CPU, RAM or free devices are not the sum of what virtual machines have, a page of hosts in each run",
            options.Capacity,
            typeof(CapacityJob)),
        new("degraded", "Gives virtual machines the PCI devices that they lack, when their hosts have them", options.Degraded, typeof(RepairsJob)),
        new("device.jobs", "Ends jobs about devices whose hosts never answered", options.DeviceJobs, typeof(OverdueDeviceJobsJob)),
        new("commit.markers", "Deletes the markers of commits that nobody looks for any more", options.CommitMarkers, typeof(CommitMarkersJob)),
        // Each server remembers classes.
        new("placement.classes", "Deletes the placement classes that no host is in any more", options.PlacementClasses, typeof(PlacementClassesJob)) { PerServer = true },
        new("retention", "Deletes old events, resolved alerts, ended jobs, the history of devices and expired join tokens", options.Retention, typeof(RetentionJob)),
    ];
}
