using Microsoft.Extensions.Hosting;
using PciBus.Management.Persistence;
using PciBus.Management.Workflows;
using Quartz;

namespace PciBus.Management.Setup;

/// <summary>
/// Watches the clock of this machine, by which the schedulers fire their triggers. After the clock was set back, a scheduler would run no
/// job before the clock has caught up. After the clock was set forward, the scheduler with the tables takes up to a minute to take up
/// triggers that are late. The watch sets those triggers to now, and pulls back other times that were to come soon.
/// </summary>
internal sealed partial class ClockWatch(
    ISchedulerFactory shared,
    [FromKeyedServices(SchedulerSetup.PerServer)] ISchedulerFactory own,
    DatabaseTransactions transactions,
    TimeProvider time,
    ILogger<ClockWatch> logger)
    : BackgroundService
{
    /// <summary>The shortest interval of a job: a smaller step delays a job by less than one interval.</summary>
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Another server, whose clock was wrong, may have set the triggers that all servers share.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromMinutes(1);

    private (long Timestamp, DateTimeOffset Clock) _last = (time.GetTimestamp(), time.GetUtcNow());
    private long _looked = time.GetTimestamp();
    private bool _isStepped, _isSteppedBack, _hasFailed;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Second, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            NoteStep();
            if (_isStepped || time.GetElapsedTime(_looked) >= LookInterval) await TryAsync(stoppingToken);
        }
    }

    private void NoteStep()
    {
        (long Timestamp, DateTimeOffset Clock) now = (time.GetTimestamp(), time.GetUtcNow());
        var step = now.Clock - _last.Clock - time.GetElapsedTime(_last.Timestamp, now.Timestamp);
        _last = now;
        if (step.Duration() <= Second) return;
        _isStepped = true;
        _isSteppedBack |= step < TimeSpan.Zero;
        LogStepped(step < TimeSpan.Zero ? "back" : "forward", step.Duration().TotalSeconds);
    }

    private async Task TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SetRightAsync(await own.GetScheduler(cancellationToken), cancellationToken);
            await SetRightAsync(await shared.GetScheduler(cancellationToken), cancellationToken);
            if (_isSteppedBack) await PullBackAsync(cancellationToken);
            (_isStepped, _isSteppedBack, _hasFailed, _looked) = (false, false, false, time.GetTimestamp());
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The database is away: the next second tries again.
            if (!_hasFailed) LogFailed(exception.GetBaseException().Message);
            _hasFailed = true;
        }
    }

    private async Task PullBackAsync(CancellationToken cancellationToken)
    {
        var rows = await transactions.RunAsync((ClockStepManager steps) => steps.PullBackAsync(cancellationToken), cancellationToken);
        if (rows > 0) LogPulledBack(rows);
    }

    private async Task SetRightAsync(IScheduler scheduler, CancellationToken cancellationToken)
    {
        foreach (var key in await scheduler.GetTriggerKeys(GroupMatcher<TriggerKey>.AnyGroup(), cancellationToken))
        {
            if (await scheduler.GetTrigger(key, cancellationToken) is not ISimpleTrigger { NextFireTimeUtc: { } next } trigger) continue;
            var ahead = next - time.GetUtcNow();
            // Without a step of the clock, a trigger is late because its job still runs, or could not run.
            var isRight = ahead <= trigger.RepeatInterval + Second && (!_isStepped || ahead >= -trigger.RepeatInterval);
            // Several servers may do this at once: a job that runs once more does no harm.
            if (!isRight)
            {
                await scheduler.RescheduleJob(key, trigger.GetTriggerBuilder().StartAt(time.GetUtcNow()).Build(), cancellationToken);
            }
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The clock of this machine was set {Direction} by {Seconds:0} s: the reconciliation jobs go on by the new time")]
    private partial void LogStepped(string direction, double seconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "Messages, restarts and repairs that lay too far ahead of the clock: {Rows}")]
    private partial void LogPulledBack(int rows);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The schedulers could not be looked at ({Why}): this is tried again every second")]
    private partial void LogFailed(string why);
}
