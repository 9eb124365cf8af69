using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Wakes the workflows whose deadline has passed.</summary>
internal sealed class OverdueWorkflowsJob(ReconciliationManager reconciliation) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await reconciliation.FeedOverdueAsync(cancellationToken) is > 0 and var overdue ? $"workflows woken: {overdue}" : null;
}
