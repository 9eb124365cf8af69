using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.Api.Reconciliation;

[ApiCommand(
    "runReconciliationJob",
    "Runs a reconciliation job now, on the server that is asked, and answers with what came of it",
    Response = typeof(ReconciliationJobResponse))]
internal sealed class RunReconciliationJobCmd(PciBusDbContext database, ReconciliationRunner runner) : ApiCommand
{
    [ApiParameter("name", "the job's name, as listReconciliationJobs has it", Required = true)]
    public string Name { get; set; } = "";

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var names = runner.Jobs.Select(one => one.Name).Order(StringComparer.Ordinal);
        var job = runner.Jobs.SingleOrDefault(one => one.Name.Equals(Name, StringComparison.OrdinalIgnoreCase))
            ?? throw ApiException.InvalidParameter($"There is no reconciliation job {Name}; there are {string.Join(", ", names)}");
        if (await runner.RunAsync(job, byHand: true, cancellationToken) is { } error)
        {
            throw ApiErrors.Of(new Refusal(RefusalCause.OperationFailed, $"The reconciliation job {job.Name} failed: {error}"));
        }

        var run = await database.Set<ReconciliationRun>().AsNoTracking().SingleOrDefaultAsync(
            row => row.Name == job.Name, cancellationToken);
        return ApiAnswer.Of(new ReconciliationJobResponse(job, run));
    }
}
