namespace PciBus.Management.Hosts.Joining;

/// <summary>Whether a host has joined.</summary>
/// <param name="Refusal">Why it has not; null when it has.</param>
internal sealed record HostJoinOutcome(string? Refusal);
