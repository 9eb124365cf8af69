using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.Api.Reconciliation;

[ApiCommand(
    "listReconciliationJobs",
    "Lists the jobs that look for what must happen although nobody asked for it, with what came of their last runs",
    Response = typeof(ReconciliationJobResponse))]
internal sealed class ListReconciliationJobsCmd(PciBusDbContext database, ReconciliationRunner runner) : ApiCommand
{
    [ApiParameter("name", "the job's name")]
    public string? Name { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var runs = await database.Set<ReconciliationRun>().AsNoTracking().ToDictionaryAsync(run => run.Name, cancellationToken);
        var jobs = runner.Jobs
            .Where(job => string.IsNullOrEmpty(Name) || job.Name.Equals(Name, StringComparison.OrdinalIgnoreCase))
            .OrderBy(job => job.Name, StringComparer.Ordinal)
            .Select(job => new ReconciliationJobResponse(job, runs.GetValueOrDefault(job.Name)))
            .ToList();
        return ApiAnswer.List(jobs.Count, jobs);
    }
}
