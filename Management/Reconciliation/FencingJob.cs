using Quartz;

namespace PciBus.Management.Reconciliation;

/// <summary>Fences hosts that are not heard.</summary>
[DisallowConcurrentExecution]
internal sealed class FencingJob(FencingManager fencing) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await fencing.FenceAsync(cancellationToken);
}
