using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Ends the reconnections whose agents did not announce themselves.</summary>
internal sealed class OverdueReconnectsJob(ReconciliationManager reconciliation) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await reconciliation.EndOverdueReconnectsAsync(cancellationToken) is > 0 and var ended ? $"jobs ended: {ended}" : null;
}
