using Microsoft.EntityFrameworkCore;
using PciBus.Contracts;
using PciBus.Contracts.Startup;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts;

/// <summary>
/// Has agents announce themselves again when an operator wants it: a new session begins, and what was outstanding is sent again.
/// </summary>
internal sealed class HostReconnectManager(PciBusDbContext database, AsyncJobManager jobs, Outbox outbox, TimeProvider time)
{
    /// <summary>Name of the API command, by which its jobs are known.</summary>
    public const string Command = "reconnectHost";

    private static readonly CompiledList<long, long> OpenJobsOf = new((database, hostId) =>
        database.Set<AsyncJob>()
            .Where(job => job.InstanceType == nameof(Host) && job.InstanceId == hostId && job.JobStatus == JobStatus.InProgress
                && job.JobCmd == Command)
            .Select(job => job.Id));

    /// <summary>Asks the agent; the job ends when it has announced itself.</summary>
    public async Task<(Refusal? Refusal, Guid JobUuid)> BeginAsync(long hostId, JobRequest request, CancellationToken cancellationToken)
    {
        var host = await database.Set<Host>().AsNoTracking().SingleAsync(row => row.Id == hostId, cancellationToken);
        if (host.Removed is not null) return (host.Gone(), default);
        if (host.Status is not (HostStatus.Up or HostStatus.Alert))
        {
            var text = $"{host.Name} is {host.Status}; only a host that is Up or in Alert can be reconnected, any other announces itself "
                + "when its agent runs";
            return (Refusal.InvalidParameter(text), default);
        }

        var job = jobs.Begin(request, JobInstanceType.Host, host.Id);
        outbox.Add(
            EndpointNames.Agent(host.Guid),
            new PingAnswer { CommandId = job.Uuid, Result = true, SendStartup = true, Session = host.Session });
        return (null, job.Uuid);
    }

    /// <summary>Ends the jobs of a host that has begun a new session.</summary>
    public async Task EndAsync(long hostId, CancellationToken cancellationToken)
    {
        foreach (var jobId in await OpenJobsOf.ReadAsync(database, hostId, cancellationToken))
        {
            await jobs.EndAsync(jobId, null, cancellationToken);
        }
    }

    /// <summary>Ends the jobs of hosts that have not announced themselves for so long.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> EndOverdueAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var begunBefore = time.GetUtcNow() - patience;
        var overdue = await database.Set<AsyncJob>().AsNoTracking()
            .Where(job => job.InstanceType == nameof(Host) && job.JobStatus == JobStatus.InProgress && job.JobCmd == Command
                && job.Created < begunBefore)
            .Join(database.Set<Host>(), job => job.InstanceId, host => host.Id, (job, host) => new { job.Id, Host = host.Name })
            .ToListAsync(cancellationToken);
        foreach (var job in overdue)
        {
            var refusal = new Refusal(
                RefusalCause.OperationTimedOut, $"{job.Host} did not announce itself within {patience.TotalSeconds} s");
            await jobs.EndAsync(job.Id, refusal, cancellationToken);
        }

        return overdue.Count;
    }
}

/// <summary>Makes hosts announce themselves after the database has moved: what it says of them may be out of date.</summary>
internal sealed class MovedHostsManager(TimeProvider time) : IDatabaseMoveListener
{
    public Task MovedAsync(PciBusDbContext database, CancellationToken cancellationToken) =>
        new RestoreManager(database, time).CheckAsync(cancellationToken);
}
