namespace PciBus.Management.Workflows;

/// <summary>A virtual machine that is, or has something, on a host where it should not.</summary>
internal sealed record StrayVirtualMachine(long VmId, long HostId, string HostName);
