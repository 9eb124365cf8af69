using Quartz;

namespace PciBus.Management.Reconciliation;

/// <summary>Writes down which hosts were heard.</summary>
[DisallowConcurrentExecution]
internal sealed class HostLivenessJob(ReconciliationManager reconciliation) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await reconciliation.WriteLivenessAsync(cancellationToken);
}
