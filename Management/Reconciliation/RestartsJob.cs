using Quartz;

namespace PciBus.Management.Reconciliation;

/// <summary>Starts highly available virtual machines again.</summary>
[DisallowConcurrentExecution]
internal sealed class RestartsJob(ReconciliationManager reconciliation) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await reconciliation.RestartAsync(cancellationToken);
}
