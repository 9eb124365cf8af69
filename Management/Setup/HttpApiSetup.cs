namespace PciBus.Management.Setup;

internal static class HttpApiSetup
{
    public static IServiceCollection AddHttpApi(this IServiceCollection services) => services;

    public static void MapHttpApi(this WebApplication server) => server.MapGet("/", () => "PciBus");
}
