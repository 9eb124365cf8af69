namespace PciBus.Management.Drain;

/// <summary>Registers how hosts are emptied for maintenance.</summary>
internal static class DrainSetup
{
    public static IServiceCollection AddDrain(this IServiceCollection services, DrainOptions options) => services
        .AddSingleton(options)
        .AddScoped<HostMaintenanceManager>().AddScoped<DrainPlanManager>().AddScoped<DrainProgressManager>();
}
