namespace PciBus.Management.Workflows;

/// <summary>A workflow that waits for a host to speak, without a deadline.</summary>
internal sealed record ParkedWorkflow(long WorkflowId, long HostId);
