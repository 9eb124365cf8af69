using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PciBus.Management.Persistence;
using PciBus.Management.Setup;
using PciBus.Tests.Support;
using Quartz;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Schedulers of several servers share the jobs of one database.</summary>
[OutOfProcess]
public sealed class SchedulerTests
{
    private static readonly ConcurrentBag<(string Scheduler, DateTimeOffset Fire)> Fires = [];
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData(nameof(DatabaseProvider.PostgreSql))]
    [InlineData(nameof(DatabaseProvider.SqlServer))]
    public async Task EachRunIsOneServers_AndTheOtherCarriesOn(string engine)
    {
        var token = TestContext.Current.CancellationToken;
        using var database = TestDatabase.On(Enum.Parse<DatabaseProvider>(engine));
        Fires.Clear();
        using var one = await StartAsync(database, token);
        using var other = await StartAsync(database, token);

        await RunsAsync(12, token);
        await one.StopAsync(token);
        var left = Fires.Count;
        await RunsAsync(left + 5, token);

        var fires = Fires.ToList();
        Assert.Equal(fires.Count, fires.Select(fire => fire.Fire).Distinct().Count());
        await other.StopAsync(token);
    }

    [Theory]
    [InlineData(nameof(DatabaseProvider.PostgreSql))]
    [InlineData(nameof(DatabaseProvider.SqlServer))]
    public async Task TriggerOfAnEarlierVersion_RunsTheJobOfThisOne(string engine)
    {
        var token = TestContext.Current.CancellationToken;
        using var database = TestDatabase.On(Enum.Parse<DatabaseProvider>(engine));
        using (var earlier = await StartAsync<EarlierJob>(database, _ => { }, token)) await earlier.StopAsync(token);
        var before = Fires.Count;

        using var one = await StartAsync<CountingJob>(database, job => job.WithIdentity("counting"), token);
        using var other = await StartAsync<CountingJob>(database, job => job.WithIdentity("counting"), token);
        await RunsAsync(before + 3, token);

        await one.StopAsync(token);
        await other.StopAsync(token);
        using var connection = database.Connect();
        using var command = connection.CreateCommand();
        // PostgreSQL makes small letters of it.
        command.CommandText = "SELECT count(*) FROM QRTZ_JOB_DETAILS";
        Assert.Equal(1, Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture));
    }

    private static Task<IHost> StartAsync(TestDatabase database, CancellationToken cancellationToken) =>
        StartAsync<CountingJob>(database, _ => { }, cancellationToken);

    private static async Task<IHost> StartAsync<TJob>(
        TestDatabase database, Action<IJobConfigurator<TJob>> detail, CancellationToken cancellationToken) where TJob : IJob
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddQuartz(quartz =>
        {
            quartz.UseCluster(database.Options);
            quartz.ScheduleJob<TJob>(
                trigger => trigger.WithIdentity("counting").StartNow()
                    .WithSimpleSchedule(schedule => schedule.WithInterval(TimeSpan.FromMilliseconds(250)).RepeatForever()),
                detail);
        });
        builder.Services.AddQuartzHostedService();
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return host;
    }

    private static Task RunsAsync(int count, CancellationToken cancellationToken) => Patience.UntilAsync(
        () => Fires.Count >= count, Soon, () => $"{Fires.Count} runs", cancellationToken, $"{count} runs");

    [SuppressMessage("Performance", "CA1812", Justification = "Quartz makes it")]
    [DisallowConcurrentExecution]
    internal sealed class CountingJob : IJob
    {
        public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
        {
            Fires.Add((context.Scheduler.SchedulerInstanceId, context.ScheduledFireTimeUtc!.Value));
            return ValueTask.CompletedTask;
        }
    }

    [SuppressMessage("Performance", "CA1812", Justification = "Quartz makes it")]
    internal sealed class EarlierJob : IJob
    {
        public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
