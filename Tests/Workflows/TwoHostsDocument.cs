using System.Collections.Immutable;

namespace PciBus.Tests.Workflows;

/// <summary>Two hosts, and what was heard of them.</summary>
internal sealed record TwoHostsDocument(long First, long Second)
{
    public ImmutableList<string> Heard { get; init; } = [];
}
