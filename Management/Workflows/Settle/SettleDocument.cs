namespace PciBus.Management.Workflows.Settle;

/// <summary>Which host is asked about the virtual machine, and why.</summary>
internal sealed record SettleDocument(long HostId, string Why);
