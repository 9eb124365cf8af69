using Microsoft.Extensions.Time.Testing;

namespace PciBus.Tests.Support;

/// <summary>A clock one of whose timers is not to be had.</summary>
internal sealed class FailingTimeProvider : FakeTimeProvider
{
    private volatile bool _failsNext;

    public bool FailsNext
    {
        get => _failsNext;
        set => _failsNext = value;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (!_failsNext) return base.CreateTimer(callback, state, dueTime, period);
        _failsNext = false;
        throw new InvalidOperationException("there is no timer");
    }
}
