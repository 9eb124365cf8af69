using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Sends what processes that died have left in the outbox.</summary>
internal sealed class OutboxTakeOverJob(ReconciliationManager reconciliation) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await reconciliation.TakeOverOutboxAsync(cancellationToken) is > 0 and var taken ? $"messages taken over: {taken}" : null;
}
