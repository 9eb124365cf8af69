using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using Quartz;

namespace PciBus.Management.Setup;

/// <summary>Registers the reconciliation jobs and how often each runs.</summary>
internal static class SchedulerSetup
{
    /// <summary>With a database that servers share, each run of most jobs is one server's; else the jobs are this process's own.</summary>
    public static IServiceCollection AddReconciliationJobs(this IServiceCollection services, DatabaseOptions database, bool hasBrokerUsers)
    {
        services.AddQuartz(quartz =>
        {
            if (database.Provider != DatabaseProvider.Sqlite) quartz.UseCluster(database);
            Every<ParkedWorkflowsJob>(quartz, TimeSpan.FromSeconds(30));
            Every<HostInvestigationJob>(quartz, TimeSpan.FromSeconds(5));
            Every<DownHostsJob>(quartz, TimeSpan.FromSeconds(5));
            Every<RestartsJob>(quartz, TimeSpan.FromSeconds(5));
            Every<FencingJob>(quartz, TimeSpan.FromSeconds(5));
            Every<OverdueReconnectsJob>(quartz, TimeSpan.FromSeconds(10));
            Every<OverdueDeviceJobsJob>(quartz, TimeSpan.FromSeconds(10));
            Every<CommitMarkersJob>(quartz, TimeSpan.FromMinutes(1));
            if (hasBrokerUsers) Every<BrokerUsersJob>(quartz, TimeSpan.FromMinutes(1));
        });
        // What this process heard, nobody else can write down; and what another left behind waits for no scheduler's turn.
        services.AddQuartz("process", quartz =>
        {
            Every<HostLivenessJob>(quartz, HostLivenessManager.WriteInterval);
            Every<OutboxTakeOverJob>(quartz, TimeSpan.FromSeconds(2));
            Every<OverdueWorkflowsJob>(quartz, TimeSpan.FromSeconds(1));
        });
        services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
        return services;
    }

    /// <summary>The scheduler keeps its jobs in tables of its own, which it makes; a server that died is noticed within 6 seconds.</summary>
    public static void UseCluster(this IQuartzBuilder quartz, DatabaseOptions database)
    {
        quartz.ConfigureScheduler(scheduler => scheduler.InstanceName = "PciBus");
        quartz.UsePersistentStore(store =>
        {
            store.UsePostgres(database.ConnectionString);
            store.UseClustering(cluster =>
            {
                cluster.CheckinInterval = TimeSpan.FromSeconds(2);
                cluster.CheckinMisfireThreshold = TimeSpan.FromSeconds(4);
            });
            store.ProvisionSchema();
        });
    }

    private static void Every<TJob>(IQuartzBuilder quartz, TimeSpan interval) where TJob : IJob =>
        quartz.ScheduleJob<TJob>(trigger => trigger
            .WithIdentity(typeof(TJob).Name)
            .StartNow()
            .WithSimpleSchedule(schedule => schedule.WithInterval(interval).RepeatForever()));
}
