namespace PciBus.Tests.Simulation.World;

/// <summary>The clock of one process: the loop's time, and how far this one is off.</summary>
internal sealed class VirtualClock(SimulationLoop loop) : TimeProvider
{
    public TimeSpan Skew { get; set; }

    /// <summary>Called after each of its timers.</summary>
    public Action Ticked { get; set; } = () => { };

    /// <summary>How what a timer wakes is carried out.</summary>
    public Action<Action> Carry { get; init; } = action => action();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override DateTimeOffset GetUtcNow() => loop.Now + Skew;

    public override long GetTimestamp() => loop.Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(loop, () =>
        {
            Carry(() => callback(state));
            Ticked();
        });
        timer.Change(dueTime, period);
        return timer;
    }
}
