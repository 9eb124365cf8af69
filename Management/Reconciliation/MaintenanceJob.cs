using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Empties hosts for maintenance.</summary>
internal sealed class MaintenanceJob(DrainManager drain) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await drain.DrainAsync(cancellationToken) is > 0 and var begun ? $"moves and stops begun: {begun}" : null;
}
