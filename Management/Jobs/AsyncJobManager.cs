using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Persistence;

namespace PciBus.Management.Jobs;

/// <summary>Begins and ends the jobs that callers ask about, each with its chain of events.</summary>
internal sealed class AsyncJobManager(PciBusDbContext database, EventManager events, TimeProvider time)
{
    private static readonly CompiledQuery<long, AsyncJob> ById = new((database, id, _) =>
        database.Set<AsyncJob>().Single(job => job.Id == id));

    /// <summary>Adds a job about something; it is saved with the caller's transaction.</summary>
    public AsyncJob Begin(JobRequest request, JobInstanceType instanceType, long instanceId)
    {
        var job = new AsyncJob
        {
            Uuid = Guid.NewGuid(),
            JobCmd = request.Command,
            UserId = request.Caller.UserId,
            AccountId = request.Caller.AccountId,
            DomainId = request.Caller.DomainId,
            EventType = request.EventType,
            InstanceType = instanceType.ToString(),
            InstanceId = instanceId,
            JobStatus = JobStatus.InProgress,
            Created = time.GetUtcNow(),
            StartEvent = events.Record(
                request.EventType, $"{request.Description}: started", request.Caller, instanceType.ToString(), instanceId,
                state: EventState.Started),
        };
        database.Add(job);
        return job;
    }

    /// <summary>Ends a job; a job that has ended stays as it is.</summary>
    /// <param name="failure">Why it failed; null when it succeeded.</param>
    public Task EndAsync(long jobId, Refusal? failure, CancellationToken cancellationToken) =>
        EndAsync(jobId, failure, null, cancellationToken);

    /// <inheritdoc cref="EndAsync(long,Refusal,CancellationToken)"/>
    /// <param name="remark">What else there is to say of a success; null for nothing.</param>
    public async Task EndAsync(long jobId, Refusal? failure, string? remark, CancellationToken cancellationToken)
    {
        var job = await ById.ReadAsync(database, jobId, cancellationToken);
        if (job.JobStatus != JobStatus.InProgress) return;
        job.JobStatus = failure is null ? JobStatus.Succeeded : JobStatus.Failed;
        job.Failure = failure?.Cause;
        job.JobResult = failure?.Text ?? remark;
        job.Completed = time.GetUtcNow();
        events.Record(
            job.EventType,
            failure is null ? remark is null ? "completed" : $"completed: {remark}" : $"failed: {failure.Text}",
            new Caller(job.UserId, job.AccountId, job.DomainId),
            job.InstanceType,
            job.InstanceId,
            failure is not null ? EventLevel.ERROR : remark is null ? EventLevel.INFO : EventLevel.WARN,
            parent: job.StartEvent);
    }

    /// <summary>Writes down what happens while a job is under way.</summary>
    public async Task RecordEventAsync(long jobId, string text, EventLevel level, CancellationToken cancellationToken)
    {
        var job = await ById.ReadAsync(database, jobId, cancellationToken);
        events.Record(
            job.EventType, text, new Caller(job.UserId, job.AccountId, job.DomainId), job.InstanceType, job.InstanceId,
            level, EventState.Started, job.StartEvent);
    }
}

/// <summary>Who asked for what.</summary>
/// <param name="Command">Name of the API command.</param>
/// <param name="EventType">Under which its events are written.</param>
/// <param name="Description">For its events, e.g. "starting VM web1".</param>
internal sealed record JobRequest(string Command, Caller Caller, string EventType, string Description);

/// <summary>Says who ends jobs about a kind of thing.</summary>
/// <param name="by">Who does, as a rule.</param>
/// <param name="nets">The reconciliation jobs that end the jobs that nobody else has ended.</param>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class JobEndAttribute(string by, params string[] nets) : Attribute
{
    public string By => by;

    public IReadOnlyList<string> Nets => nets;
}
