namespace PciBus.Management.Workflows;

/// <summary>What a decision may know of a host.</summary>
/// <param name="IsDown">It is Down at this moment.</param>
internal sealed record HostFacts(long Id, string Name, long Session, bool IsDown);
