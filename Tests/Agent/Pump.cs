using System.Collections.Concurrent;

namespace PciBus.Tests.Agent;

/// <summary>
/// A context on which an agent does all its work when a test says so and to the end, one thing at a time: no thread pool that
/// is late lets the agent's clock run ahead of its work.
/// </summary>
internal sealed class Pump : SynchronizationContext
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);
    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _queue = new();
    private readonly Lock _gate = new();

    public override void Post(SendOrPostCallback d, object? state) => _queue.Enqueue((d, state));

    /// <summary>Does something, and then all that it has set off.</summary>
    public void Run(Action work)
    {
        lock (_gate)
        {
            var before = Current;
            SetSynchronizationContext(this);
            try
            {
                work();
                while (_queue.TryDequeue(out var next)) next.Callback(next.State);
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        }
    }

    /// <summary>Does something asynchronous, up to its end; what it awaits of other threads gets real time.</summary>
    public async Task RunAsync(Func<Task> work)
    {
        var done = Task.CompletedTask;
        Run(() => done = work());
        while (!done.IsCompleted)
        {
            await Task.Delay(Moment, TimeProvider.System);
            Run(() => { });
        }

        await done;
    }
}
