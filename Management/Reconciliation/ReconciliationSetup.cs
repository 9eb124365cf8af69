namespace PciBus.Management.Reconciliation;

/// <summary>Registers the reconciliation jobs, and what runs them.</summary>
internal static class ReconciliationSetup
{
    /// <param name="jobs">All jobs that there are.</param>
    /// <param name="retentions">The kinds of rows that are deleted when they were kept long enough.</param>
    public static IServiceCollection AddReconciliation(
        this IServiceCollection services, ReconciliationOptions options, IReadOnlyList<ReconciliationJob> jobs,
        IReadOnlyList<RetentionManager> retentions)
    {
        foreach (var job in jobs) services.AddSingleton(job.Work);
        return services.AddSingleton(options).AddSingleton(retentions)
            .AddSingleton<IReadOnlyList<ReconciliationJob>>([.. jobs.Select(options.Configured)])
            .AddScoped<ReconciliationRunManager>().AddSingleton<ReconciliationRunner>()
            .AddSingleton<ReconciliationActivator>().AddScoped<Activation>();
    }
}
