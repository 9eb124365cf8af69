using Microsoft.EntityFrameworkCore;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api.Jobs;

[ApiCommand("listAsyncJobs", "Lists jobs, the newest first", Response = typeof(AsyncJobResponse), Roles = ApiRoles.Everybody)]
internal sealed class ListAsyncJobsCmd(PciBusDbContext database, AsyncJobQueries queries) : ApiListCommand
{
    [ApiParameter("startdate", "jobs begun from then on")]
    public DateTimeOffset? StartDate { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var jobs = database.Set<AsyncJob>().AsNoTracking();
        if (StartDate is { } from) jobs = jobs.Where(job => job.Created >= from);
        if (Word is { } word) jobs = jobs.Where(job => job.JobCmd.Folded().Contains(word.Folded()));
        return ListAsync(
            jobs.OrderByDescending(job => job.Id), page => queries.DescribeAsync(page, cancellationToken), cancellationToken);
    }
}
