using Quartz;

namespace PciBus.Management.Reconciliation;

/// <summary>
/// Runs the reconciliation job for which the scheduler's trigger is named. The name and the namespace of this class stand in the
/// scheduler's tables, which servers of other versions read: they stay, and nothing else of the scheduler is here.
/// </summary>
[DisallowConcurrentExecution]
internal sealed class ScheduledJob(ReconciliationRunner runner) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        // A server of another version has made a trigger for a job that this version lacks: that server's own turn will come.
        if (runner.Jobs.SingleOrDefault(job => job.Work.Name == context.Trigger.Key.Name) is not { } job) return;
        await runner.RunAsync(job, byHand: false, cancellationToken);
    }
}
