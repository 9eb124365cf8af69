using Microsoft.Extensions.DependencyInjection;
using PciBus.Management.Reconciliation;
using PciBus.Tests.Support;
using Quartz;
using Xunit;

namespace PciBus.Tests.Setup;

/// <summary>Servers of two versions share the scheduler's tables: a run of any job may be any server's.</summary>
public sealed class ScheduledJobTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task JobOfANewerServer_IsLeftToIt()
    {
        var token = TestContext.Current.CancellationToken;
        using var rig = new ManagementRig();
        var seen = new Endings();
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(rig.Get<ReconciliationRunner>());
        builder.Services.AddQuartz(quartz =>
        {
            quartz.AddJobListener(seen);
            quartz.ScheduleJob<ScheduledJob>(trigger => trigger.WithIdentity("a.later.job").StartNow());
        });
        builder.Services.AddQuartzHostedService();
        using var host = builder.Build();
        await host.StartAsync(token);

        await Patience.UntilAsync(() => seen.All.Count > 0, Soon, () => "no run", token);

        Assert.Equal([null], seen.All);
        await host.StopAsync(token);
    }

    private sealed class Endings : IJobListener
    {
        private readonly List<string?> _all = [];

        public string Name => nameof(Endings);

        /// <summary>Why each run failed; null when it did not.</summary>
        public IReadOnlyList<string?> All
        {
            get
            {
                lock (_all) return [.. _all];
            }
        }

        public ValueTask JobWasExecuted(
            IJobExecutionContext context, JobExecutionException? jobException, CancellationToken cancellationToken = default)
        {
            lock (_all) _all.Add(jobException?.GetBaseException().Message);
            return ValueTask.CompletedTask;
        }
    }
}
