using PciBus.Management.Upkeep;
using Quartz;

namespace PciBus.Management.Reconciliation;

/// <summary>Runs the reconciliation job for which the scheduler's trigger is named.</summary>
[DisallowConcurrentExecution]
internal sealed class ScheduledJob(ReconciliationRunner runner) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await runner.RunAsync(
        runner.Jobs.Single(job => job.Work.Name == context.Trigger.Key.Name), byHand: false, cancellationToken);
}
