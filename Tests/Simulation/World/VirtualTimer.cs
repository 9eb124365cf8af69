namespace PciBus.Tests.Simulation.World;

/// <summary>A timer of a <see cref="VirtualClock"/>.</summary>
internal sealed class VirtualTimer(SimulationLoop loop, Action callback) : ITimer
{
    private int _setting;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        var setting = ++_setting;
        if (dueTime != Timeout.InfiniteTimeSpan) loop.After(dueTime, () => Fire(setting, period));
        return true;
    }

    public void Dispose() => _setting++;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Fire(int setting, TimeSpan period)
    {
        if (setting != _setting) return;
        if (period > TimeSpan.Zero) loop.After(period, () => Fire(setting, period));
        callback();
    }
}
