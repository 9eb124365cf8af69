namespace PciBus.Management.Hosts.Liveness;

/// <summary>
/// Knows when the broker was last away. All agents lose their queues with it, and each comes back in its own time: until then,
/// that its queue is not there, or that it is not heard, says nothing about the agent.
/// </summary>
internal sealed class BrokerOutage(HostOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private bool _isAway;

    /// <summary>What was before this process began is not known: the broker may have begun with it.</summary>
    private long _backSince = time.GetTimestamp();

    /// <summary>Whether an agent that is not there is one that is away.</summary>
    public bool AgentsAreBack
    {
        get
        {
            lock (_gate) return !_isAway && time.GetElapsedTime(_backSince) > options.AgentReturnTime;
        }
    }

    /// <summary>The broker is away.</summary>
    public void NoteLoss()
    {
        lock (_gate) _isAway = true;
    }

    /// <summary>The broker is there, again if it was away.</summary>
    public void NoteReturn()
    {
        lock (_gate)
        {
            if (_isAway) _backSince = time.GetTimestamp();
            _isAway = false;
        }
    }

    /// <summary>A connection with the broker was lost, and there is another now.</summary>
    public void NoteInterruption()
    {
        lock (_gate) _backSince = time.GetTimestamp();
    }
}
