namespace PciBus.Agent;

/// <summary>Lets one waiter sleep until a time has passed or somebody wakes it; wakes while nobody sleeps count as one.</summary>
internal sealed class WakeUp(TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<bool>? _sleeper;
    private bool _woken;

    public void Set()
    {
        lock (_gate) _woken = _sleeper?.TrySetResult(true) != true;
    }

    /// <param name="atMost">How long to sleep; infinite is allowed.</param>
    /// <param name="cancellationToken">Ends the sleep with an exception.</param>
    /// <returns>True when woken, false when the time has passed.</returns>
    public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        var sleeper = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_woken)
            {
                _woken = false;
                return true;
            }

            _sleeper = sleeper;
        }

        // A timer and not Task.WhenAny, which would go through the thread pool: a simulation cannot order that.
        using var timer = timeProvider.CreateTimer(_ => sleeper.TrySetResult(false), null, atMost, Timeout.InfiniteTimeSpan);
        using var cancelled = cancellationToken.Register(() => sleeper.TrySetCanceled(cancellationToken));
        return await sleeper.Task;
    }
}
