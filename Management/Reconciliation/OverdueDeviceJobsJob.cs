using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Ends the jobs about devices whose hosts never answered.</summary>
internal sealed class OverdueDeviceJobsJob(ReconciliationManager reconciliation) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await reconciliation.EndOverdueDeviceJobsAsync(cancellationToken) is > 0 and var ended ? $"jobs ended: {ended}" : null;
}
