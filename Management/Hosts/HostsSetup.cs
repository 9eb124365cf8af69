using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Fencing;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts;

/// <summary>Registers hosts, their capacity, their liveness, and what is done about hosts that are not heard.</summary>
internal static class HostsSetup
{
    public static IServiceCollection AddHosts(this IServiceCollection services, HostOptions options) => services
        .AddSingleton(options)
        .AddScoped<HostManager>().AddScoped<HostStateManager>().AddScoped<HostAlertManager>().AddScoped<HostAdministrationManager>()
        .AddScoped<HostAnnouncementManager>().AddScoped<HostConnectionManager>().AddScoped<HostReconnectManager>()
        .AddScoped<HostMachineManager>().AddScoped<HostPlaceManager>().AddScoped<DeletedHostManager>()
        .AddScoped<RestoreManager>().AddSingleton<IDatabaseMoveListener, MovedHostsManager>()
        .AddScoped<HostCapacityManager>().AddScoped<HostReportManager>().AddScoped<PlaceAllocationManager>()
        .AddScoped<HostLivenessManager>().AddScoped<HeardHostsManager>().AddSingleton<HeardHosts>().AddSingleton<HostLiveness>()
        .AddSingleton<BrokerOutage>().AddSingleton<HostSilence>().AddSingleton<SilenceLimits>()
        .AddSingleton<IFencingCommand, FencingCommand>().AddScoped<HostFencingManager>();
}
