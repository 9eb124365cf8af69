using PciBus.Management.Reconciliation;

namespace PciBus.Management.Workflows;

/// <summary>Wakes the workflows whose deadline has passed.</summary>
internal sealed class OverdueWorkflowsJob(WorkflowRunner runner, WorkflowQueries workflows, TimeProvider time) : IReconciliationJob
{
    // Per server: a deadline waits for no other server's scheduler.
    public static ReconciliationJob About { get; } = new(
        typeof(OverdueWorkflowsJob), "workflow.overdue", "Wakes workflows whose deadline has passed",
        TimeSpan.FromSeconds(1), "how often each server looks for workflows whose deadline has passed")
    { PerServer = true };

    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        var overdue = await workflows.OverdueAsync(time.GetUtcNow(), cancellationToken);
        await runner.FeedEachAsync(overdue, new Overdue(), cancellationToken);
        return overdue.Count > 0 ? $"workflows woken: {overdue.Count}" : null;
    }
}
