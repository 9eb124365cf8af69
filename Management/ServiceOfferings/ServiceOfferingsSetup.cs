namespace PciBus.Management.ServiceOfferings;

/// <summary>Registers service offerings.</summary>
internal static class ServiceOfferingsSetup
{
    public static IServiceCollection AddServiceOfferings(this IServiceCollection services) => services
        .AddScoped<ServiceOfferingManager>();
}
