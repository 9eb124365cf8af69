using PciBus.Management.Upkeep;

namespace PciBus.Management.Hosts;

/// <summary>
/// Knows whether the silence of a host says something about it. It does not while hosts could not be heard, or what was heard could
/// not be written down: the broker or the database was away, this process stood still, or its clock was set. It does again when all
/// servers have had <c>agent.return.time</c> to hear, and to write.
/// </summary>
internal sealed class HostSilence(AgentReturn agents, HostOptions options, ReconciliationOptions reconciliation, TimeProvider time)
{
    /// <summary>The clock of a healthy machine is corrected by less than this between two writings.</summary>
    private static readonly TimeSpan MostCorrection = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private (long Timestamp, DateTimeOffset Clock) _written = (time.GetTimestamp(), time.GetUtcNow());
    private long? _interrupted;

    /// <summary>Whether a host that was not heard may be judged for it.</summary>
    public bool Counts
    {
        get
        {
            lock (_gate)
            {
                return agents.AgentsAreBack && IsSteady && (_interrupted is not { } since || time.GetElapsedTime(since) > options.AgentReturnTime);
            }
        }
    }

    private bool IsSteady
    {
        get
        {
            var passed = time.GetElapsedTime(_written.Timestamp);
            var jump = time.GetUtcNow() - _written.Clock - passed;
            // After a longer pause a host that pings as it should would count as silent.
            return passed <= reconciliation.HostLiveness + (options.PingInterval * (double)options.PingTimeout) && jump.Duration() <= MostCorrection;
        }
    }

    /// <summary>This server has written down which hosts it heard.</summary>
    public void NoteWriting()
    {
        lock (_gate)
        {
            if (!IsSteady) _interrupted = time.GetTimestamp();
            _written = (time.GetTimestamp(), time.GetUtcNow());
        }
    }
}
