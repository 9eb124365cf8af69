using Quartz;

namespace PciBus.Management.Reconciliation;

/// <summary>Sends what processes that died have left in the outbox.</summary>
[DisallowConcurrentExecution]
internal sealed class OutboxTakeOverJob(ReconciliationManager reconciliation) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await reconciliation.TakeOverOutboxAsync(cancellationToken);
}
