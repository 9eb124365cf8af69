using System.Collections.Immutable;

namespace PciBus.Management.Deployment;

/// <summary>Hosts that were tried and will not do, with what was wrong there.</summary>
internal sealed record ExcludeList(ImmutableSortedDictionary<long, string> Hosts)
{
    public static ExcludeList Empty { get; } = new(ImmutableSortedDictionary<long, string>.Empty);

    public ExcludeList Add(long hostId, string why) => new(Hosts.SetItem(hostId, why));

    public bool ShouldAvoid(long hostId) => Hosts.ContainsKey(hostId);
}
