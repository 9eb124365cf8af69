namespace PciBus.Tests.Simulation.World;

/// <summary>
/// One thread on which a whole cluster runs in virtual time. Continuations are worked off in the order in which they were
/// posted, then time jumps to the next timer: the same seed gives the same run. A post from another thread is a bug of the
/// product or of the simulation, as nobody could replay it.
/// </summary>
internal sealed class SimulationLoop : SynchronizationContext
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _ready = new();
    private readonly PriorityQueue<Action, (DateTimeOffset At, long Order)> _later = new();
    private long _order;
    private volatile Exception? _failure;

    public static DateTimeOffset Beginning { get; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public DateTimeOffset Now { get; private set; } = Beginning;

    public TimeSpan Elapsed => Now - Beginning;

    /// <summary>Counts timers and continuations: an order of everything that happens.</summary>
    public long Events { get; private set; }

    /// <summary>Called when nothing is left to be done at a moment.</summary>
    public Action Settled { get; set; } = () => { };

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId == _thread) _ready.Enqueue((d, state));
        else _failure ??= new InvalidOperationException($"A continuation came from another thread: {Environment.StackTrace}");
    }

    public override void Send(SendOrPostCallback d, object? state) => d(state);

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Has something done when time has passed.</summary>
    public void After(TimeSpan delay, Action action) =>
        _later.Enqueue(action, (Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero), ++_order));

    /// <summary>A pause of management. Whatever waits for it goes on right here, not by a post.</summary>
    public Task PauseAsync(TimeSpan delay)
    {
        var over = new TaskCompletionSource();
        After(delay, () => WithoutContext(over.SetResult));
        return over.Task;
    }

    /// <summary>Begins something of an agent; an exception that comes out of it ends the run.</summary>
    public void Spawn(Func<Task> work) => _ = WatchAsync(work);

    /// <summary>
    /// Begins something of management. It has no context: EF's continuations would leave this thread to flee from one, and
    /// without any they go on where a pause ends, which is here.
    /// </summary>
    public void SpawnPlain(Func<Task> work) => WithoutContext(() => _ = WatchAsync(work));

    /// <summary>Makes sure that nobody has left the thread.</summary>
    public void ThrowIfElsewhere()
    {
        if (Environment.CurrentManagedThreadId == _thread) return;
        _failure ??= new InvalidOperationException($"Management went on in another thread: {Environment.StackTrace}");
        throw _failure;
    }

    /// <summary>Lets time pass until a moment, or until it is enough.</summary>
    public void Run(DateTimeOffset until, Func<bool> isEnough)
    {
        Settle();
        while (!isEnough() && _later.TryPeek(out var action, out var due) && due.At <= until)
        {
            _later.Dequeue();
            Now = due.At;
            Events++;
            action();
            Settle();
        }
    }

    private void Settle()
    {
        while (_ready.TryDequeue(out var next))
        {
            Events++;
            next.Callback(next.State);
        }

        if (_failure is { } failure) throw new SimulationFailedException(failure);
        Settled();
    }

    /// <summary>Does something of management here: what waits for it goes on at once, not by a post.</summary>
    public void WithoutContext(Action action)
    {
        SetSynchronizationContext(null);
        action();
        SetSynchronizationContext(this);
    }

    private async Task WatchAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e)
        {
            _failure ??= e;
        }
    }
}
