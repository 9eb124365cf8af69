using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Deletes what is over and was kept long enough.</summary>
internal sealed class RetentionJob(RetentionManager retention) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await retention.PurgeAsync(cancellationToken);
}
