using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Asks hosts that are not heard, and says of those that do not answer that they are away.</summary>
internal sealed class HostInvestigationJob(ReconciliationManager reconciliation) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await reconciliation.InvestigateHostsAsync(cancellationToken) is > 0 and var silent ? $"silent hosts asked or given up: {silent}" : null;
}
