using PciBus.Management.Reconciliation;
using Quartz;

namespace PciBus.Management.Setup;

/// <summary>Registers the reconciliation jobs and how often each runs.</summary>
internal static class SchedulerSetup
{
    public static IServiceCollection AddReconciliationJobs(this IServiceCollection services)
    {
        services.AddQuartz(quartz =>
        {
            Every<OverdueWorkflowsJob>(quartz, TimeSpan.FromSeconds(1));
            Every<ParkedWorkflowsJob>(quartz, TimeSpan.FromSeconds(30));
            Every<OutboxTakeOverJob>(quartz, TimeSpan.FromSeconds(5));
            Every<HostLivenessJob>(quartz, TimeSpan.FromSeconds(5));
            Every<OverdueDeviceJobsJob>(quartz, TimeSpan.FromSeconds(10));
        });
        services.AddQuartzHostedService(hosted => hosted.WaitForJobsToComplete = true);
        return services;
    }

    private static void Every<TJob>(IQuartzBuilder quartz, TimeSpan interval) where TJob : IJob =>
        quartz.ScheduleJob<TJob>(trigger => trigger
            .WithIdentity(typeof(TJob).Name)
            .StartNow()
            .WithSimpleSchedule(schedule => schedule.WithInterval(interval).RepeatForever()));
}
