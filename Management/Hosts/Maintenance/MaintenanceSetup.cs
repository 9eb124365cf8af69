namespace PciBus.Management.Hosts.Maintenance;

/// <summary>Registers the hosts that an operator declares degraded.</summary>
internal static class MaintenanceSetup
{
    public static IServiceCollection AddHostMaintenance(this IServiceCollection services) => services
        .AddScoped<HostDegradationManager>();
}
