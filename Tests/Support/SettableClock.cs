using Microsoft.Extensions.Time.Testing;

namespace PciBus.Tests.Support;

/// <summary>A fake clock that can be set while its timestamps go on.</summary>
internal sealed class SettableClock(DateTimeOffset start) : FakeTimeProvider(start)
{
    private TimeSpan _offset;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _offset;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    /// <summary>Sets the clock forward, or back.</summary>
    public void Set(TimeSpan step) => _offset += step;
}
