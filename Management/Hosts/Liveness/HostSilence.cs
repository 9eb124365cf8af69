using PciBus.Management.Reconciliation;

namespace PciBus.Management.Hosts.Liveness;

/// <summary>
/// Knows whether the silence of a host says something about it. It says nothing while hosts could not be heard, or pings could not be
/// written down: the broker or the database was away, this process stood still, or its clock was set. It counts again when all servers have
/// had <c>agent.return.time</c> to hear, and to write. After the clock was set, no earlier ping tells how long ago it came: then silence
/// counts when every host that runs has pinged.
/// </summary>
internal sealed class HostSilence(BrokerOutage agents, HostOptions options, ReconciliationOptions reconciliation, TimeProvider time)
{
    /// <summary>The clock of a healthy machine is corrected by less than this between two writings.</summary>
    private static readonly TimeSpan MostCorrection = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private (long Timestamp, DateTimeOffset Clock) _written = (time.GetTimestamp(), time.GetUtcNow());
    private long? _interrupted;
    private TimeSpan _toHear;

    /// <summary>How long ago this server has last written which hosts it heard; since its start, when it has not yet.</summary>
    public TimeSpan SinceWriting
    {
        get
        {
            lock (_gate) return time.GetElapsedTime(_written.Timestamp);
        }
    }

    /// <summary>Whether the clock was set since the last writing.</summary>
    public bool ClockWasSet
    {
        get
        {
            lock (_gate) return (time.GetUtcNow() - _written.Clock - time.GetElapsedTime(_written.Timestamp)).Duration() > MostCorrection;
        }
    }

    /// <summary>Whether a host that was not heard may be judged for it.</summary>
    public bool Counts
    {
        get
        {
            lock (_gate)
            {
                return agents.AgentsAreBack && IsSteady && (_interrupted is not { } since || time.GetElapsedTime(since) > _toHear);
            }
        }
    }

    private TimeSpan PingTimeout => options.PingInterval * (double)options.PingTimeout;

    // After a longer pause a host that pings as it should would count as silent.
    private bool IsSteady =>
        time.GetElapsedTime(_written.Timestamp) <= reconciliation.IntervalOf<HostLivenessJob>() + PingTimeout && !ClockWasSet;

    /// <summary>Notes that this server has written down which hosts it heard.</summary>
    public void NoteWriting()
    {
        lock (_gate)
        {
            if (!IsSteady)
            {
                var toHear = ClockWasSet && PingTimeout > options.AgentReturnTime ? PingTimeout : options.AgentReturnTime;
                // An interruption that is not over yet may need longer.
                if (_interrupted is not { } since || time.GetElapsedTime(since) > _toHear || toHear > _toHear) _toHear = toHear;
                _interrupted = time.GetTimestamp();
            }

            _written = (time.GetTimestamp(), time.GetUtcNow());
        }
    }
}
