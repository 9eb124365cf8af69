using PciBus.Management.Reconciliation;

namespace PciBus.Management.Workflows;

/// <summary>Wakes parked workflows whose host is Up, should the event that wakes them have been lost.</summary>
internal sealed class ParkedWorkflowsJob(WorkflowRunner runner, WorkflowQueries workflows) : IReconciliationJob
{
    public static ReconciliationJob About { get; } = new(
        typeof(ParkedWorkflowsJob), "workflow.parked", "Wakes workflows that wait for a host which is Up",
        TimeSpan.FromSeconds(30), "how often workflows that wait for a host which is Up are looked for");

    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        var parked = await workflows.ParkedOnUpHostsAsync(cancellationToken);
        foreach (var host in parked.ToLookup(parked => parked.HostId, parked => parked.WorkflowId))
        {
            await runner.FeedEachAsync(host, new AgentSession(host.Key), cancellationToken);
        }

        return parked.Count > 0 ? $"workflows woken: {parked.Count}" : null;
    }
}
