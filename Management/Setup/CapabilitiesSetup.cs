using PciBus.Management.Bus;
using PciBus.Management.Deployment;
using PciBus.Management.Drain;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Places;
using PciBus.Management.Reconciliation;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.Templates;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;

namespace PciBus.Management.Setup;

/// <summary>Registers every part that has nothing to do with the outside, from the ground up.</summary>
internal static class CapabilitiesSetup
{
    public static IServiceCollection AddCapabilities(
        this IServiceCollection services, HostOptions hostOptions, WorkflowOptions workflowOptions, ReconciliationOptions? reconciliation =
            null, DrainOptions? drain = null)
    {
        reconciliation ??= new ReconciliationOptions();
        return services
            .AddEvents()
            .AddJobs()
            .AddPlaces()
            .AddHosts(hostOptions)
            .AddJoining()
            .AddHostMaintenance()
            .AddServiceOfferings()
            .AddTemplates()
            .AddVirtualMachines()
            .AddStateListeners()
            .AddPciDevices()
            .AddDeployment()
            .AddDrain(drain ?? new DrainOptions())
            .AddWorkflows(workflowOptions)
            .AddAgentMessages()
            .AddReconciliation(reconciliation, ReconciliationJobs.All, Retentions(reconciliation));
    }

    private static IReadOnlyList<RetentionManager> Retentions(ReconciliationOptions options) =>
    [
        new("events", options.EventPurgeDelay, EventTable.DeleteOldAsync),
        new("alerts", options.AlertPurgeDelay, AlertTable.DeleteOldAsync),
        new("jobs", options.JobPurgeDelay, WorkflowTable.DeleteOldJobsAsync),
        new("lines of device history", options.PciDeviceHistoryPurgeDelay, PciDeviceHistoryTable.DeleteOldAsync),
        new("join tokens", options.HostJoinTokenPurgeDelay, HostJoinTokenTable.DeleteOldAsync),
    ];
}
