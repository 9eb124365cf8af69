using PciBus.Management.Reconciliation;

namespace PciBus.Management.Hosts.Liveness;

/// <summary>
/// How long hosts may be silent before they are asked, and before they are fenced: ping.interval and ping.timeout say it.
/// </summary>
internal sealed class SilenceLimits(HostOptions options, ReconciliationOptions reconciliation)
{
    // What a server heard just now is not written down yet.
    private TimeSpan UntilBehind => reconciliation.IntervalOf<HostLivenessJob>() + (options.PingInterval * (double)options.PingTimeout);

    // Behind on ping, asked whether it is there, and a ping interval of grace in Alert.
    private TimeSpan UntilFenced => UntilBehind + (options.PingInterval * 2);

    /// <summary>A host that was heard last before this moment is behind on ping.</summary>
    public DateTimeOffset Behind(DateTimeOffset now) => now - UntilBehind;

    /// <summary>A host that was heard last at this moment or before has been silent long enough to be fenced.</summary>
    public DateTimeOffset Silent(DateTimeOffset now) => now - UntilFenced;

    /// <summary>
    /// When a host that comes into Alert now is fenced first: in a ping interval, at the earliest. A host whose queue is gone is in Alert
    /// at once, and is given the time of a silent host: its agent may be on its way back. A fencing command that still runs from the last
    /// time has its time, too.
    /// </summary>
    public DateTimeOffset FenceAt(Host host, DateTimeOffset now)
    {
        var grace = now + options.PingInterval;
        var silent = (host.LastPing ?? host.Created) + UntilFenced;
        return new[] { grace, silent, host.FenceAt ?? grace }.Max();
    }
}
