using PciBus.Management.Agents;
using PciBus.Management.Deployment;
using PciBus.Management.Drain;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Fencing;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.Reconciliation;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.AttachPciDevices;
using PciBus.Management.Workflows.CancelMigration;
using PciBus.Management.Workflows.DestroyVirtualMachine;
using PciBus.Management.Workflows.DetachPciDevices;
using PciBus.Management.Workflows.MigrateVirtualMachine;
using PciBus.Management.Workflows.RebootVirtualMachine;
using PciBus.Management.Workflows.Settle;
using PciBus.Management.Workflows.StartVirtualMachine;
using PciBus.Management.Workflows.StopVirtualMachine;

namespace PciBus.Management.Setup;

/// <summary>Registers the capabilities and the workflows: everything that has nothing to do with the outside.</summary>
internal static class CapabilitiesSetup
{
    public static IServiceCollection AddCapabilities(
        this IServiceCollection services, HostOptions hostOptions, WorkflowOptions workflowOptions, ReconciliationOptions? reconciliation = null, DrainOptions? drain = null)
    {
        reconciliation ??= new ReconciliationOptions();
        services.AddSingleton(hostOptions).AddSingleton(workflowOptions).AddSingleton(reconciliation).AddSingleton(drain ?? new DrainOptions());
        services.AddScoped<EventManager>().AddScoped<AlertManager>().AddScoped<AlertArchiveManager>().AddScoped<AsyncJobManager>();
        services.AddScoped<PlaceManager>();
        services.AddScoped<HostManager>().AddScoped<HostStateManager>().AddScoped<HostAlertManager>().AddScoped<HostAdministrationManager>();
        services.AddScoped<HostAnnouncementManager>().AddScoped<HostConnectionManager>().AddScoped<HostReconnectManager>();
        services.AddScoped<HostMachineManager>().AddScoped<HostPlaceManager>().AddScoped<DeletedHostManager>();
        services.AddScoped<RestoreManager>().AddSingleton<IDatabaseMoveListener, MovedHostsManager>();
        services.AddScoped<HostCapacityManager>().AddScoped<PlaceAllocationManager>().AddScoped<HostCapacityAuditManager>().AddScoped<IHostRemoval, HostRemovalManager>().AddScoped<HostReportManager>();
        services.AddScoped<HostLivenessManager>().AddScoped<HeardHostsManager>().AddSingleton<HeardHosts>().AddSingleton<HostLiveness>();
        services.AddSingleton<AgentReturn>().AddSingleton<HostSilence>().AddSingleton<SilenceLimits>();
        services.AddSingleton<IFencingCommand, FencingCommand>().AddScoped<HostFencingManager>();
        services.AddScoped<HostJoinManager>().AddScoped<HostJoinTokenManager>();
        services.AddSingleton<HostUserManager>();
        services.AddScoped<HostDegradationManager>();
        services.AddScoped<PciDeviceHotplugManager>().AddScoped<PciDeviceRepairManager>();
        services.AddScoped<PlacementClassManager>().AddScoped<PciDeviceReportManager>().AddScoped<PciDeviceQuarantineManager>();
        services.AddScoped<PciDeviceAdministrationManager>();
        services.AddSingleton<IDatabaseCache>(provider => provider.GetRequiredService<PlacementClasses>());
        services.AddSingleton<PlacementClasses>().AddScoped<DeploymentPlanningManager>().AddScoped<PlacementExplanation>().AddScoped<DrainPlanManager>();
        services.AddScoped<HostMaintenanceManager>().AddScoped<DrainProgressManager>();
        services.AddScoped<VirtualMachineManager>();

        services.AddStateListeners();

        services.AddSingleton<IWorkflowDefinition, StartVirtualMachineWorkflow>();
        services.AddSingleton<IWorkflowDefinition, StopVirtualMachineWorkflow>();
        services.AddSingleton<IWorkflowDefinition, RebootVirtualMachineWorkflow>();
        services.AddSingleton<IWorkflowDefinition, DestroyVirtualMachineWorkflow>();
        services.AddSingleton<IWorkflowDefinition, SettleWorkflow>();
        services.AddSingleton<IWorkflowDefinition, MigrateVirtualMachineWorkflow>();
        services.AddSingleton<IWorkflowDefinition, CancelMigrationWorkflow>();
        services.AddSingleton<IWorkflowDefinition, AttachPciDevicesWorkflow>();
        services.AddSingleton<IWorkflowDefinition, DetachPciDevicesWorkflow>();
        services.AddSingleton<WorkflowDefinitions>().AddSingleton<WorkflowRunner>().AddSingleton<WorkflowQueries>();
        services.AddScoped<WorkflowStepper>().AddScoped<WorkflowEffects>().AddScoped<VirtualMachinePlanner>().AddScoped<PciDevicePlanner>().AddScoped<CommandWriter>().AddScoped<WorkflowProgressManager>();

        services.AddSingleton<AgentMessages>().AddSingleton<HostReportQueries>().AddScoped<HostSessionManager>().AddScoped<HostViewManager>();
        services.AddSingleton<IUndeliveredListener>(provider => provider.GetRequiredService<AgentMessages>());
        services.AddScoped<OrphanManager>().AddScoped<ClockStepManager>();
        services.AddScoped<ReconciliationRunManager>().AddSingleton(Retentions(reconciliation));
        services.AddSingleton<ReconciliationRunner>();
        services.AddSingleton<IReadOnlyList<ReconciliationJob>>([.. ReconciliationJobs.All.Select(reconciliation.Configured)]);
        foreach (var job in ReconciliationJobs.All) services.AddSingleton(job.Work);
        return services;
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
