using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Leaves hosts that were declared down.</summary>
internal sealed class DownHostsJob(ReconciliationManager reconciliation) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await reconciliation.LeaveDownHostsAsync(cancellationToken) is > 0 and var left ? $"workflows and virtual machines told: {left}" : null;
}
