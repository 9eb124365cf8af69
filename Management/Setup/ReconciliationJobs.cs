using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Fencing;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.PciDevices;
using PciBus.Management.Reconciliation;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.AttachPciDevices;
using PciBus.Management.Workflows.Maintenance;
using PciBus.Management.Workflows.Settle;
using PciBus.Management.Workflows.StartVirtualMachine;

namespace PciBus.Management.Setup;

/// <summary>The reconciliation jobs, as one table in the order of the page on settings.</summary>
internal static class ReconciliationJobs
{
    public static IReadOnlyList<ReconciliationJob> All { get; } =
    [
        HostLivenessJob.About,
        HostInvestigationJob.About,
        DownHostsJob.About,
        MaintenanceJob.About,
        FencingJob.About,
        OverdueReconnectsJob.About,
        RestartsJob.About,
        BrokerUsersJob.About,
        BrokerExchangesJob.About,
        OverdueWorkflowsJob.About,
        ParkedWorkflowsJob.About,
        OrphansJob.About,
        StrayClaimsJob.About,
        CapacityJob.About,
        RepairsJob.About,
        OverdueDeviceJobsJob.About,
        OutboxTakeOverJob.About,
        CommitMarkersJob.About,
        PlacementClassesJob.About,
        RetentionJob.About,
    ];
}
