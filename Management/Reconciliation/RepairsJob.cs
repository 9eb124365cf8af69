using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Gives virtual machines the devices that they lack.</summary>
internal sealed class RepairsJob(ReconciliationManager reconciliation) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await reconciliation.RepairAsync(cancellationToken) is > 0 and var begun ? $"repairs begun: {begun}" : null;
}
