namespace PciBus.Management.Deployment;

/// <summary>Registers what finds a host for a virtual machine.</summary>
internal static class DeploymentSetup
{
    public static IServiceCollection AddDeployment(this IServiceCollection services) => services
        .AddScoped<DeploymentPlanningManager>().AddScoped<PlacementExplanationManager>();
}
