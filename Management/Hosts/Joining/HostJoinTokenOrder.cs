namespace PciBus.Management.Hosts.Joining;

/// <summary>What an operator wants of a token.</summary>
/// <param name="Uuid">Of the token.</param>
/// <param name="Token">The token itself.</param>
/// <param name="ClusterId">Where the host will be; null = the cluster of these names, which is made when it is not there.</param>
/// <param name="HostId">The only host that it is for; null = any new one.</param>
/// <param name="Lifetime">How long it is good.</param>
internal sealed record HostJoinTokenOrder(
    Guid Uuid, string Token, long? ClusterId, string Zone, string Pod, string Cluster, long? HostId, TimeSpan Lifetime);
