using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Starts highly available virtual machines again.</summary>
internal sealed class RestartsJob(ReconciliationManager reconciliation) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await reconciliation.RestartAsync(cancellationToken) is > 0 and var started ? $"virtual machines started: {started}" : null;
}
