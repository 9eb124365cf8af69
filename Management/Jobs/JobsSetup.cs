namespace PciBus.Management.Jobs;

/// <summary>Registers the jobs of operators.</summary>
internal static class JobsSetup
{
    public static IServiceCollection AddJobs(this IServiceCollection services) => services
        .AddScoped<AsyncJobManager>();
}
