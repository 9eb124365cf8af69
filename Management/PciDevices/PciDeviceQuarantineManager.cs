using Microsoft.EntityFrameworkCore;
using PciBus.Contracts;
using PciBus.Contracts.PciDevices;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;

namespace PciBus.Management.PciDevices;

/// <summary>Takes devices out of quarantine: their host first resets and probes them, and says how they came out.</summary>
internal sealed partial class PciDeviceQuarantineManager(
    PciBusDbContext database,
    PlacementClassManager classes,
    HostReportManager reports,
    AsyncJobManager jobs,
    Outbox outbox,
    TimeProvider time,
    ILogger<PciDeviceQuarantineManager> logger)
{
    /// <summary>Asks the device's host to check it; the job ends with its answer.</summary>
    public async Task<AsyncJob> BeginReleaseAsync(PciDevice device, JobRequest request, CancellationToken cancellationToken)
    {
        var host = await database.Set<Host>().AsNoTracking().SingleAsync(row => row.Id == device.HostId, cancellationToken);
        var job = jobs.Begin(request, JobInstanceType.PciDevice, device.Id);
        outbox.Add(EndpointNames.Agent(host.Guid), new ResetPciDeviceCommand
        {
            CommandId = job.Uuid,
            Session = host.Session,
            Device = new PciDeviceTO
            {
                Id = device.Id,
                Claim = device.Claim,
                Address = device.Address,
                Name = device.Name,
                VendorId = device.VendorId,
                ProductId = device.ProductId,
                Serial = device.Serial,
            },
        });
        return job;
    }

    /// <summary>Takes the host's answer. An answer of another host or session, or for which no job waits, changes nothing.</summary>
    public async Task AnswerAsync(ResetPciDeviceAnswer answer, CancellationToken cancellationToken)
    {
        var job = await database.Set<AsyncJob>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.Uuid == answer.CommandId && row.JobStatus == JobStatus.InProgress, cancellationToken);
        if (job is null) return;
        var device = await database.Set<PciDevice>().SingleOrDefaultAsync(row => row.Id == answer.DeviceId, cancellationToken);
        // The broker vouches for the sender; the job and the device are the sender's own word.
        if ((job.InstanceType, job.InstanceId) != (nameof(PciDevice), answer.DeviceId)
            || (device is not null && !await database.Set<Host>().AnyAsync(
                row => row.Id == device.HostId && row.Guid == answer.HostGuid, cancellationToken)))
        {
            LogNotAsked(answer.HostGuid, answer.DeviceId, answer.CommandId);
            return;
        }

        var refusal = device is null
            ? Refusal.InvalidParameter("The device is gone")
            : await ReleaseAsync(device, answer, job.Id, cancellationToken);
        await jobs.EndAsync(job.Id, refusal, cancellationToken);
    }

    /// <summary>Ends the jobs whose hosts never answered.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> EndOverdueAsync(DateTimeOffset begunBefore, CancellationToken cancellationToken)
    {
        var overdue = await database.Set<AsyncJob>().AsNoTracking()
            .Where(job => job.InstanceType == nameof(PciDevice) && job.JobStatus == JobStatus.InProgress && job.Created < begunBefore)
            .Select(job => job.Id)
            .ToListAsync(cancellationToken);
        foreach (var jobId in overdue)
        {
            var refusal = new Refusal(RefusalCause.OperationTimedOut, "The host does not answer; the device stays in quarantine");
            await jobs.EndAsync(jobId, refusal, cancellationToken);
        }

        return overdue.Count;
    }

    private async Task<Refusal?> ReleaseAsync(
        PciDevice device, ResetPciDeviceAnswer answer, long jobId, CancellationToken cancellationToken)
    {
        // The first write, as of claims and reports: they change the host's row before its devices.
        await reports.LookAnewAsync(device.HostId, cancellationToken);
        var session = await database.Set<Host>().Where(host => host.Id == device.HostId).Select(host => host.Session)
            .SingleAsync(cancellationToken);
        if (session != answer.Session) return new Refusal(RefusalCause.AgentUnavailable, "The host began a new session; try again");
        if (device.Claim != answer.Claim)
        {
            return new Refusal(RefusalCause.OperationFailed, $"{device.Address} was used again before its host answered; try again");
        }

        if (!answer.Result)
        {
            return new Refusal(RefusalCause.OperationFailed, $"{device.Address} stays in quarantine: {answer.Details}");
        }

        if (device.InstanceId is not null) return new Refusal(RefusalCause.ResourceInUse, $"{device.Address} is in use");
        (device.Health, device.HealthReason) = (PciDeviceHealth.Good, null);
        database.Add(device.HistoryOf(PciDeviceChange.TakenOutOfQuarantine, null, "reset and probed", jobId, time.GetUtcNow()));
        await database.SaveChangesAsync(cancellationToken);
        await classes.RefreshAsync(device.HostId, cancellationToken);
        return null;
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Host {HostGuid} answers for device {DeviceId} in job {Job}, for which it was not asked: it is ignored")]
    private partial void LogNotAsked(string hostGuid, long deviceId, Guid job);
}
