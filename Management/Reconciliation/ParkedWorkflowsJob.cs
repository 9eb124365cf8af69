using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Wakes parked workflows whose host speaks, should the event that does so have been lost.</summary>
internal sealed class ParkedWorkflowsJob(ReconciliationManager reconciliation) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await reconciliation.WakeParkedAsync(cancellationToken) is > 0 and var parked ? $"workflows woken: {parked}" : null;
}
