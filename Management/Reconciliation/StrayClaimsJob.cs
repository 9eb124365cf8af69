using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Settles what virtual machines have on hosts where they are not.</summary>
internal sealed class StrayClaimsJob(ReconciliationManager reconciliation) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await reconciliation.SettleStraysAsync(cancellationToken) is > 0 and var begun ? $"settlements begun: {begun}" : null;
}
