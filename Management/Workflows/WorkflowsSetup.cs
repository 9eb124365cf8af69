using PciBus.Management.Workflows.AttachPciDevices;
using PciBus.Management.Workflows.CancelMigration;
using PciBus.Management.Workflows.DestroyVirtualMachine;
using PciBus.Management.Workflows.DetachPciDevices;
using PciBus.Management.Workflows.MigrateVirtualMachine;
using PciBus.Management.Workflows.RebootVirtualMachine;
using PciBus.Management.Workflows.Settle;
using PciBus.Management.Workflows.StartVirtualMachine;
using PciBus.Management.Workflows.StopVirtualMachine;

namespace PciBus.Management.Workflows;

/// <summary>Registers the workflows, and what runs them.</summary>
internal static class WorkflowsSetup
{
    public static IServiceCollection AddWorkflows(this IServiceCollection services, WorkflowOptions options) => services
        .AddSingleton(options)
        .AddSingleton<IWorkflowDefinition, StartVirtualMachineWorkflow>()
        .AddSingleton<IWorkflowDefinition, StopVirtualMachineWorkflow>()
        .AddSingleton<IWorkflowDefinition, RebootVirtualMachineWorkflow>()
        .AddSingleton<IWorkflowDefinition, DestroyVirtualMachineWorkflow>()
        .AddSingleton<IWorkflowDefinition, SettleWorkflow>()
        .AddSingleton<IWorkflowDefinition, MigrateVirtualMachineWorkflow>()
        .AddSingleton<IWorkflowDefinition, CancelMigrationWorkflow>()
        .AddSingleton<IWorkflowDefinition, AttachPciDevicesWorkflow>()
        .AddSingleton<IWorkflowDefinition, DetachPciDevicesWorkflow>()
        .AddSingleton<WorkflowDefinitions>().AddSingleton<WorkflowRunner>().AddSingleton<WorkflowQueries>()
        .AddScoped<WorkflowStepper>().AddScoped<WorkflowEffects>().AddScoped<CommandWriter>().AddScoped<WorkflowProgressManager>()
        .AddScoped<VirtualMachinePlanner>().AddScoped<PciDevicePlanner>().AddScoped<OrphanManager>().AddScoped<ClockStepManager>();
}
