namespace PciBus.Management.Places;

/// <summary>Registers zones, pods and clusters.</summary>
internal static class PlacesSetup
{
    public static IServiceCollection AddPlaces(this IServiceCollection services) => services
        .AddScoped<PlaceManager>();
}
