namespace PciBus.Management.Events;

/// <summary>Registers events and alerts.</summary>
internal static class EventsSetup
{
    public static IServiceCollection AddEvents(this IServiceCollection services) => services
        .AddScoped<EventManager>().AddScoped<AlertManager>().AddScoped<AlertArchiveManager>();
}
