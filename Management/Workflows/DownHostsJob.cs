using PciBus.Management.Hosts;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.Workflows;

/// <summary>Leaves hosts that were declared down: no workflow waits for such a host, and no virtual machine runs there.</summary>
internal sealed class DownHostsJob(WorkflowRunner runner, WorkflowQueries workflows) : IReconciliationJob
{
    public static ReconciliationJob About { get; } = new(
        typeof(DownHostsJob), HostStateManager.DownJob, "Leaves hosts that were declared down",
        TimeSpan.FromSeconds(5), "how often hosts that were declared down are left");

    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        var awaiting = await workflows.AwaitingDownHostsAsync(cancellationToken);
        foreach (var (workflowId, hostId) in awaiting) await runner.FeedEachAsync([workflowId], new HostDown(hostId), cancellationToken);

        var left = await workflows.OnDownHostsAsync(cancellationToken);
        foreach (var (vmId, hostId, hostName) in left)
        {
            await runner.BeginAsync(WorkflowRequest.Settle(vmId, hostId, $"{hostName} was declared down"), cancellationToken);
        }

        return awaiting.Count + left.Count is > 0 and var told ? $"workflows and virtual machines told: {told}" : null;
    }
}
