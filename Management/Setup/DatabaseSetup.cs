using PciBus.Management.Persistence;

namespace PciBus.Management.Setup;

/// <summary>Registers the database, its transactions and the outbox.</summary>
internal static class DatabaseSetup
{
    public static IServiceCollection AddDatabase(this IServiceCollection services, DatabaseOptions options)
    {
        services.AddSingleton(options);
        services.AddDbContextPool<PciBusDbContext>(options.Configure);
        services.AddSingleton<WriteLine>();
        services.AddSingleton<DatabaseTransactions>();
        services.AddSingleton<ProcessIncarnation>();
        services.AddSingleton<OutboxRelay>();
        services.AddScoped<Outbox>();
        return services;
    }
}
