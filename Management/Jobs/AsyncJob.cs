namespace PciBus.Management.Jobs;

/// <summary>What the caller of an asynchronous command asks about.</summary>
internal sealed class AsyncJob
{
    public long Id { get; set; }
    public Guid Uuid { get; set; }

    /// <summary>Name of the API command.</summary>
    public required string JobCmd { get; set; }
    public long UserId { get; set; }
    public long AccountId { get; set; }
    public long DomainId { get; set; }

    /// <summary>Type of the events of its operation.</summary>
    public required string EventType { get; set; }
    public string? InstanceType { get; set; }
    public long? InstanceId { get; set; }
    public JobStatus JobStatus { get; set; }

    /// <summary>Why it failed; null when it has not.</summary>
    public RefusalCause? Failure { get; set; }

    /// <summary>The error text of a failed job; of one that succeeded what else there is to say, null for nothing.</summary>
    public string? JobResult { get; set; }

    /// <summary>Uuid of the event that opened the operation: later ones name it as their parent.</summary>
    public Guid? StartEvent { get; set; }
    public DateTimeOffset Created { get; set; }
    public DateTimeOffset? Completed { get; set; }
}
