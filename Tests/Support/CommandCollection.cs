using Microsoft.Extensions.DependencyInjection;
using PciBus.Management.Persistence;

namespace PciBus.Tests.Support;

/// <summary>How a suite that runs management in its own process feeds the query catalogue.</summary>
internal static class CommandCollection
{
    public static IServiceCollection CollectCommands(this IServiceCollection services) => services.ConfigureDbContext<PciBusDbContext>(
        builder => builder.AddInterceptors(CommandCollector.Instance, QueryTranslation.Instance));
}
