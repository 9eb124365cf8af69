using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Compares what hosts say is taken with what virtual machines have taken.</summary>
internal sealed class CapacityJob(ReconciliationManager reconciliation) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await reconciliation.AuditCapacityAsync(cancellationToken) is > 0 and var corrected ? $"hosts corrected: {corrected}" : null;
}
