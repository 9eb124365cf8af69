using System.Collections.Concurrent;
using PciBus.Contracts.Startup;

namespace PciBus.Management.Hosts.Liveness;

/// <summary>
/// The last ping of each host that this process heard, until it is written down: thousands of pings become one update.
/// </summary>
internal sealed class HostLiveness
{
    private readonly ConcurrentDictionary<long, (long Session, long Sequence)> _newest = new();
    private readonly ConcurrentDictionary<long, long> _heard = new();

    /// <summary>Notes a ping.</summary>
    /// <returns>False when the ping is older than the newest of its host.</returns>
    public bool Hear(long hostId, HostReport report)
    {
        var mark = (report.Session, report.Sequence);
        var newest = _newest.AddOrUpdate(hostId, mark, (_, before) => mark.CompareTo(before) > 0 ? mark : before);
        _heard.AddOrUpdate(hostId, 1, (_, times) => times + 1);
        return newest == mark;
    }

    /// <summary>The hosts that were heard and are not written down yet, each with how often.</summary>
    public IReadOnlyDictionary<long, long> Heard() => _heard.ToDictionary();

    /// <summary>Forgets the hosts that are written down; a host that was heard again meanwhile stays.</summary>
    public void Forget(IReadOnlyDictionary<long, long> written)
    {
        foreach (var host in written) _heard.TryRemove(host);
    }
}
