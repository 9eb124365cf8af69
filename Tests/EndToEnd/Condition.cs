namespace PciBus.Tests.EndToEnd;

/// <summary>Waits for something to become true, with a deadline.</summary>
internal static class Condition
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    public static async Task BecomesTrueAsync(
        Func<Task<bool>> condition, TimeSpan deadline, Func<string> otherwise, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > deadline) throw new TimeoutException($"After {deadline}: {otherwise()}");
            await Task.Delay(Interval, TimeProvider.System, cancellationToken);
        }
    }
}
