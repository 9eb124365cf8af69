namespace PciBus.Agent.Registration;

/// <summary>The agent's session with management: begun by an answered announcement, ended when management forgets it.</summary>
internal sealed class AgentSession(string hostGuid)
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _number;
    private long _sequence;

    public string HostGuid => hostGuid;

    /// <summary>The session's number; 0 while there is none.</summary>
    public long Number => Interlocked.Read(ref _number);

    /// <summary>Ends when management has accepted the host for the first time.</summary>
    public Task First => _first.Task;

    /// <summary>The last session there was, 0 for none.</summary>
    public long Previous { get; private set; }

    /// <summary>Time between pings.</summary>
    public TimeSpan PingInterval { get; private set; } = TimeSpan.FromSeconds(60);

    public void Begin(long number, TimeSpan pingInterval)
    {
        (Previous, PingInterval) = (number, pingInterval);
        Interlocked.Exchange(ref _number, number);
        _first.TrySetResult();
    }

    /// <summary>Ends this session, unless another has begun since.</summary>
    public void End(long number) => Interlocked.CompareExchange(ref _number, 0, number);

    /// <summary>
    /// Numbers a report or an answer. Taken before one looks at the hypervisor: then what a message shows is never older than
    /// what messages with a lower number could show.
    /// </summary>
    public (long Session, long Sequence) Next() => (Number, Interlocked.Increment(ref _sequence));
}
