namespace PciBus.Management.Deployment;

/// <summary>The host that was chosen.</summary>
internal sealed record DeployDestination(long HostId);
