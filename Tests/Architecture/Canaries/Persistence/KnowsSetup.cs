using Microsoft.Extensions.DependencyInjection;

namespace PciBus.Tests.Architecture.Canaries.Persistence;

internal sealed class KnowsSetup
{
    public static IServiceCollection Register(IServiceCollection services) =>
        PciBus.Management.Setup.DatabaseSetup.AddDatabase(services, PciBus.Management.Persistence.DatabaseOptions.SqliteFile("canary.db"));
}
