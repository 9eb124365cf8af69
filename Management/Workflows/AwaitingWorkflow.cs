namespace PciBus.Management.Workflows;

/// <summary>A workflow that waits for a host.</summary>
internal sealed record AwaitingWorkflow(long WorkflowId, long HostId);
