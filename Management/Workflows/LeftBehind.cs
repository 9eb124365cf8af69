namespace PciBus.Management.Workflows;

/// <summary>A virtual machine on a host that was declared down.</summary>
internal sealed record LeftBehind(long VmId, long HostId, string HostName);
