using System.Collections.Concurrent;
using PciBus.Contracts.Startup;

namespace PciBus.Management.Hosts;

/// <summary>
/// The last ping of each host that this process heard, until it is written down: thousands of pings become one update.
/// </summary>
internal sealed class HostLiveness
{
    private readonly ConcurrentDictionary<long, (long Session, long Sequence)> _newest = new();
    private readonly ConcurrentDictionary<long, byte> _heard = new();

    /// <summary>Notes a ping.</summary>
    /// <returns>False for one that is older than the newest of its host.</returns>
    public bool Hear(long hostId, HostReport report)
    {
        var mark = (report.Session, report.Sequence);
        var newest = _newest.AddOrUpdate(hostId, mark, (_, before) => mark.CompareTo(before) > 0 ? mark : before);
        _heard[hostId] = 0;
        return newest == mark;
    }

    /// <summary>The hosts heard since this was last asked.</summary>
    public IReadOnlyList<long> TakeHeard()
    {
        var heard = _heard.Keys.ToList();
        foreach (var hostId in heard) _heard.TryRemove(hostId, out _);
        return heard;
    }
}
