using Microsoft.EntityFrameworkCore;
using PciBus.Management.Accounts;
using PciBus.Management.Api.Events;
using PciBus.Management.Api.Hosts;
using PciBus.Management.Api.PciDevices;
using PciBus.Management.Api.VirtualMachines;
using PciBus.Management.Hosts;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.Jobs;

/// <summary>Describes jobs for callers. A job's result is made when a caller asks, from what the job worked on.</summary>
internal sealed class AsyncJobQueries(
    PciBusDbContext database, ResourceQueries resources, VirtualMachineQueries virtualMachines, PciDeviceQueries devices,
    MigrationQueries migrations)
{
    /// <summary>The newest first.</summary>
    public async Task<List<AsyncJobResponse>> DescribeAsync(IQueryable<AsyncJob> page, CancellationToken cancellationToken)
    {
        var rows =
            from job in page
            join account in database.Set<Account>() on job.AccountId equals account.Id
            join user in database.Set<User>() on job.UserId equals user.Id
            join domain in database.Set<Domain>() on job.DomainId equals domain.Id
            orderby job.Id descending
            select new AsyncJobResponse
            {
                InternalId = job.Id,
                JobId = job.Uuid,
                Cmd = job.JobCmd,
                Status = job.JobStatus,
                Failure = job.Failure,
                FailureText = job.JobResult,
                JobInstanceType = job.InstanceType,
                InstanceId = job.InstanceId,
                AccountId = account.Uuid,
                Account = account.AccountName,
                DomainId = domain.Uuid,
                DomainPath = domain.Path,
                UserId = user.Uuid,
                Created = job.Created,
                Completed = job.Completed,
            };
        var jobs = await rows.ToListAsync(cancellationToken);
        var names = await resources.NamesAsync(jobs.Select(job => (job.JobInstanceType, job.InstanceId)), cancellationToken);
        foreach (var job in jobs)
        {
            if (job is { JobInstanceType: { } type, InstanceId: { } id }) job.JobInstanceId = names.GetValueOrDefault((type, id))?.Uuid;
        }

        await AddResultsAsync(jobs, cancellationToken);
        return jobs;
    }

    /// <summary>To this version a cause that only a newer version knows is a failure.</summary>
    private static RefusalCause CauseOf(RefusalCause? failure) =>
        failure is { } cause && !StoredNames.IsNewer(cause) ? cause : RefusalCause.OperationFailed;

    private async Task AddResultsAsync(List<AsyncJobResponse> jobs, CancellationToken cancellationToken)
    {
        foreach (var job in jobs.Where(job => job.Status == JobStatus.Failed))
        {
            var error = ApiErrors.Of(new Refusal(CauseOf(job.Failure), job.FailureText ?? ""));
            (job.JobResultCode, job.JobResult) = (error.Code, new JobErrorResponse(error));
        }

        var waiting = IdsOf(nameof(VirtualMachine), [.. jobs.Where(job => job.Status == JobStatus.InProgress)]);
        var underWay = waiting.Count > 0 ? await migrations.UnderWayAsync(waiting, cancellationToken) : [];
        foreach (var job in jobs.Where(job => job.InstanceId is not null && job.Status == JobStatus.InProgress))
        {
            if (underWay.TryGetValue(job.InstanceId!.Value, out var one) && one.JobId == job.InternalId) job.Migration = one.Migration;
        }

        var succeeded = jobs.Where(job => job.Status == JobStatus.Succeeded).ToList();
        var results = await ResultsAsync(succeeded, cancellationToken);
        foreach (var job in succeeded)
        {
            job.Remark = job.FailureText;
            // If it is gone, the job has no other result than that it was done.
            job.JobResult = job.Cmd != ExpungeVirtualMachineCmd.Name && job.JobInstanceId is { } id
                && results.TryGetValue(id, out var result)
                ? ApiAnswer.Named(result)
                : new SuccessResponse();
        }
    }

    private async Task<Dictionary<Guid, object>> ResultsAsync(List<AsyncJobResponse> jobs, CancellationToken cancellationToken)
    {
        var results = new Dictionary<Guid, object>();
        var vmIds = IdsOf(nameof(VirtualMachine), jobs);
        if (vmIds.Count > 0)
        {
            var rows = database.Set<VirtualMachine>().AsNoTracking().Where(vm => vmIds.Contains(vm.Id));
            foreach (var vm in await virtualMachines.DescribeAsync(rows, cancellationToken)) results[vm.Id] = vm;
        }

        var deviceIds = IdsOf(nameof(PciDevice), jobs);
        if (deviceIds.Count > 0)
        {
            var rows = database.Set<PciDevice>().AsNoTracking().Where(device => deviceIds.Contains(device.Id));
            foreach (var device in await devices.Describe(rows).ToListAsync(cancellationToken)) results[device.Id] = device;
        }

        var hostIds = IdsOf(nameof(Host), jobs);
        if (hostIds.Count > 0)
        {
            var rows = database.Set<Host>().AsNoTracking().Where(host => hostIds.Contains(host.Id));
            foreach (var host in await HostQueries.Describe(database, rows).ToListAsync(cancellationToken)) results[host.Id] = host;
        }

        return results;
    }

    private static List<long> IdsOf(string type, List<AsyncJobResponse> jobs) =>
        [.. jobs.Where(job => job.JobInstanceType == type).Select(job => job.InstanceId).OfType<long>().Distinct()];
}
