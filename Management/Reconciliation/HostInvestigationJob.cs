using Quartz;

namespace PciBus.Management.Reconciliation;

/// <summary>Asks hosts that are not heard, and says of those that do not answer that they are away.</summary>
[DisallowConcurrentExecution]
internal sealed class HostInvestigationJob(ReconciliationManager reconciliation) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await reconciliation.InvestigateHostsAsync(cancellationToken);
}
