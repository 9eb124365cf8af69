using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.Workflows;

/// <summary>Sets lines of workflows going whose head is gone, and ends jobs that nothing works on.</summary>
internal sealed class OrphansJob(DatabaseTransactions transactions, WorkflowRunner runner) : IReconciliationJob
{
    public static ReconciliationJob About { get; } = new(
        typeof(OrphansJob), "workflow.orphans",
        "Sets workflows going that wait behind one that is gone, and ends jobs that nothing works on",
        TimeSpan.FromSeconds(30), "how often workflows that wait behind one that is gone are looked for");

    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        var lines = 0;
        var found = await transactions.RunAsync((OrphanManager orphans) => orphans.FindLinesAsync(cancellationToken), cancellationToken);
        foreach (var vmId in found)
        {
            var (adopted, next) = await transactions.RunAsync(
                (OrphanManager orphans) => orphans.AdoptAsync(vmId, cancellationToken), cancellationToken);
            if (adopted) lines++;
            if (next is not null) await runner.BeginAsync(next, cancellationToken);
        }

        var jobs = await transactions.RunAsync((OrphanManager orphans) => orphans.FindJobsAsync(cancellationToken), cancellationToken);
        foreach (var jobId in jobs)
        {
            await transactions.RunAsync((OrphanManager orphans) => orphans.EndAsync(jobId, cancellationToken), cancellationToken);
        }

        return lines + jobs.Count > 0 ? $"lines set going: {lines}, jobs ended: {jobs.Count}" : null;
    }
}
