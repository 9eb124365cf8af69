using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

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

    /// <summary>The error text of a failed job; after a success, what else there is to say, null for nothing.</summary>
    public string? JobResult { get; set; }

    /// <summary>Uuid of the event that opened the operation: later ones name it as their parent.</summary>
    public Guid? StartEvent { get; set; }
    public DateTimeOffset Created { get; set; }
    public DateTimeOffset? Completed { get; set; }
}

internal sealed class AsyncJobTable : IEntityTypeConfiguration<AsyncJob>
{
    public void Configure(EntityTypeBuilder<AsyncJob> builder)
    {
        builder.ToTable("async_job");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => new { x.InstanceType, x.InstanceId, x.JobStatus });
        builder.HasIndex(x => x.AccountId);
        builder.HasIndex(x => x.Completed);
    }
}

/// <summary>CloudStack's states of a job, with their numbers in the API.</summary>
internal enum JobStatus
{
    InProgress = 0,
    Succeeded = 1,
    Failed = 2,
    Cancelled = 3,
}

/// <summary>What a job is about, which decides who ends it. A job that nobody ends would be in progress for ever.</summary>
internal enum JobInstanceType
{
    [JobEnd("its workflow, or the transaction that began it", "workflow.orphans")]
    VirtualMachine,

    [JobEnd("the answer of the device's host", "device.jobs")]
    PciDevice,

    [JobEnd("the host's announcement, the end of its maintenance, or the transaction that began it", "host.reconnects", "host.maintenance")]
    Host,
}
