using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using Quartz;

namespace PciBus.Management.Setup;

/// <summary>Registers the reconciliation jobs and how often each runs.</summary>
internal static class SchedulerSetup
{
    /// <summary>
    /// Locks a row of the scheduler's on SQL Server. An update lock is waited for, also under READ_COMMITTED_SNAPSHOT, where a plain reader
    /// would get the version before.
    /// </summary>
    public const string SqlServerRowLock =
        "SELECT * FROM {0}LOCKS WITH (UPDLOCK,ROWLOCK) WHERE SCHED_NAME = @schedulerName AND LOCK_NAME = @lockName";

    /// <summary>The scheduler of the jobs that every server runs for itself.</summary>
    public const string PerServer = "process";

    /// <summary>With a database that servers share, one server makes each run of most jobs; else the jobs are this process's own.</summary>
    public static IServiceCollection AddReconciliationJobs(
        this IServiceCollection services, DatabaseOptions database, ReconciliationOptions options)
    {
        var jobs = ReconciliationJobs.All.Select(options.Configured).ToLookup(job => job.PerServer);
        services.AddQuartz(quartz =>
        {
            if (database.Provider != DatabaseProvider.Sqlite) quartz.UseCluster(database);
            foreach (var job in jobs[false]) Schedule(quartz, job);
        });
        services.AddQuartz(PerServer, quartz =>
        {
            foreach (var job in jobs[true]) Schedule(quartz, job);
        });
        services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
        services.AddHostedService<ClockWatch>();
        return services;
    }

    /// <summary>
    /// The scheduler keeps its jobs in tables of its own, which it makes; it notices a server that died within 6 seconds.
    /// </summary>
    public static void UseCluster(this IQuartzBuilder quartz, DatabaseOptions database)
    {
        quartz.ConfigureScheduler(scheduler => scheduler.InstanceName = "PciBus");
        quartz.UsePersistentStore(store =>
        {
            if (database.Provider == DatabaseProvider.PostgreSql) store.UsePostgres(database.ConnectionString);
            else store.UseSqlServer(database.ConnectionString);
            store.UseClustering(cluster =>
            {
                cluster.CheckinInterval = TimeSpan.FromSeconds(2);
                cluster.CheckinMisfireThreshold = TimeSpan.FromSeconds(4);
            });
            store.ProvisionSchema();
            // A thread that waits for a database which is gone must not keep the process.
            store.ConfigureStore(options =>
            {
                options.UseBackgroundThreads = true;
                if (database.Provider == DatabaseProvider.SqlServer) options.SelectWithLockSql = SqlServerRowLock;
            });
        });
    }

    private static void Schedule(IQuartzBuilder quartz, ReconciliationJob job) => quartz.ScheduleJob<ScheduledJob>(
        trigger => trigger
            .WithIdentity(job.Work.Name)
            .StartNow()
            .WithSimpleSchedule(schedule => schedule.WithInterval(job.Interval).RepeatForever()),
        detail => detail.WithIdentity(job.Work.Name));
}
