using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;

namespace PciBus.Management.Workflows;

/// <summary>A multi-step operation on one virtual machine that survives crashes, as a row. It is deleted when it ends.</summary>
internal sealed class Workflow
{
    public long Id { get; set; }
    public WorkflowKind Kind { get; set; }
    public long VmId { get; set; }

    /// <summary>The job that tells the caller of the outcome; null when nobody asked.</summary>
    public long? JobId { get; set; }

    /// <summary>The workflow stands behind the virtual machine's other workflows and has not begun.</summary>
    public bool Waiting { get; set; }

    /// <summary>Name of a member of the kind's step enum.</summary>
    public required string Step { get; set; }

    /// <summary>What was done so far, as JSON: only this is undone.</summary>
    public required string Document { get; set; }

    /// <summary>
    /// When the workflow is fed Overdue: the earliest deadline of the commands that it waits for, or its own while it waits for none. Null
    /// = parked: every host that it waits for must speak first.
    /// </summary>
    public DateTimeOffset? Deadline { get; set; }

    /// <summary>The commands that the workflow waits for; loaded with it.</summary>
    public List<WorkflowCommand> Awaited { get; } = [];
    public long Version { get; set; }
    public DateTimeOffset Created { get; set; }

    /// <summary>
    /// These three columns repeat the first command for servers of the version before, which read them while both versions run side by
    /// side. The next version drops them.
    /// </summary>
    public long? AwaitingHostId { get; set; }

    /// <inheritdoc cref="AwaitingHostId"/>
    public Guid? AwaitingCommandId { get; set; }

    /// <inheritdoc cref="AwaitingHostId"/>
    public string? AwaitingCommand { get; set; }

    /// <summary>The host whose answer is overdue when the deadline passes; null when the deadline is the workflow's own.</summary>
    public long? OverdueHostId => Awaited.Find(command => command.Deadline <= Deadline)?.HostId;

    /// <summary>The hosts that must speak before the workflow goes on.</summary>
    public IReadOnlyList<long> ParkedOn => [.. Awaited.Where(command => command.Deadline is null).Select(command => command.HostId)];

    /// <summary>Brings what the row says of its commands up to date.</summary>
    public void Summarize()
    {
        if (Awaited.Count == 0) return;
        Deadline = Awaited.Min(command => command.Deadline);
        var first = Awaited[0];
        (AwaitingHostId, AwaitingCommandId, AwaitingCommand) = (first.HostId, first.CommandId, first.Command);
    }
}

internal sealed class WorkflowTable : IEntityTypeConfiguration<Workflow>
{
    public void Configure(EntityTypeBuilder<Workflow> builder)
    {
        builder.ToTable("workflow");
        builder.Property(x => x.Version).IsConcurrencyToken();
        builder.HasIndex(x => x.VmId);
        builder.HasIndex(x => x.Deadline);
        builder.HasIndex(x => x.AwaitingCommandId);
        builder.HasIndex(x => x.AwaitingHostId);
    }

    /// <summary>Deletes the jobs that ended first, but none to which a parked workflow still refers.</summary>
    public static Task<int> DeleteOldJobsAsync(PciBusDbContext database, DateTimeOffset before, int most, CancellationToken token) =>
        database.Set<AsyncJob>()
            .Where(row => row.Completed < before
                && !database.Set<Workflow>().Any(workflow => workflow.VmId == row.InstanceId && workflow.JobId == row.Id))
            .OrderBy(row => row.Completed)
            .Take(most)
            .ExecuteDeleteAsync(token);
}

/// <summary>The workflows there are.</summary>
internal enum WorkflowKind
{
    StartVirtualMachine,
    StopVirtualMachine,
    RebootVirtualMachine,
    DestroyVirtualMachine,
    Settle,
    MigrateVirtualMachine,
    CancelMigration,
    AttachPciDevices,
    DetachPciDevices,
}
