using Microsoft.EntityFrameworkCore;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api.Jobs;

[ApiCommand("queryAsyncJobResult", "Says how a job stands", Response = typeof(AsyncJobResponse), Roles = ApiRoles.Everybody)]
internal sealed class QueryAsyncJobResultCmd(PciBusDbContext database, AsyncJobQueries queries) : ApiCommand
{
    [ApiParameter("jobid", "the job", Required = true, Entity = typeof(AsyncJob))]
    public long JobId { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var job = database.Set<AsyncJob>().AsNoTracking().Where(row => row.Id == JobId);
        return new ApiAnswer((await queries.DescribeAsync(job, cancellationToken)).Single());
    }
}
