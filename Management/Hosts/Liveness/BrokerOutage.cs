namespace PciBus.Management.Hosts.Liveness;

/// <summary>
/// Knows when the broker was last away. All agents then lose their queues, and each comes back in its own time. Until then a missing queue
/// or a missing ping says nothing about an agent.
/// </summary>
internal sealed class BrokerOutage(HostOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private bool _isAway;

    /// <summary>What was before this process began is not known: the broker may have begun with this process.</summary>
    private long _backSince = time.GetTimestamp();

    /// <summary>Whether the agents have had the time to come back: an agent that is still missing is really away.</summary>
    public bool AgentsAreBack
    {
        get
        {
            lock (_gate) return !_isAway && time.GetElapsedTime(_backSince) > options.AgentReturnTime;
        }
    }

    /// <summary>Notes that the broker is away.</summary>
    public void NoteLoss()
    {
        lock (_gate) _isAway = true;
    }

    /// <summary>Notes that the broker is there, or there again.</summary>
    public void NoteReturn()
    {
        lock (_gate)
        {
            if (_isAway) _backSince = time.GetTimestamp();
            _isAway = false;
        }
    }

    /// <summary>Notes that a connection with the broker was lost, and that there is another now.</summary>
    public void NoteInterruption()
    {
        lock (_gate) _backSince = time.GetTimestamp();
    }
}
