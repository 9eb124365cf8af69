using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Workflows;

/// <summary>A command that a workflow has sent to a host and waits for; one for each host. It goes with its workflow.</summary>
internal sealed class WorkflowCommand
{
    public long Id { get; set; }
    public long WorkflowId { get; set; }
    public long HostId { get; set; }

    /// <summary>Tells the host's answer to this command from others.</summary>
    public Guid CommandId { get; set; }

    /// <summary>The command as it will be sent again for a new session.</summary>
    public required string Command { get; set; }

    /// <summary>What the agent last said of its progress, as JSON; null before it has said anything.</summary>
    public string? Progress { get; set; }

    /// <summary>When the workflow is fed Overdue for this command; null = parked until the host speaks.</summary>
    public DateTimeOffset? Deadline { get; set; }
}

internal sealed class WorkflowCommandTable : IEntityTypeConfiguration<WorkflowCommand>
{
    public void Configure(EntityTypeBuilder<WorkflowCommand> builder)
    {
        builder.ToTable("workflow_command");
        builder.HasIndex(x => new { x.WorkflowId, x.HostId }).IsUnique();
        builder.HasIndex(x => x.CommandId);
        builder.HasIndex(x => x.HostId);
        builder.HasIndex(x => x.Deadline);
        builder.HasOne<Workflow>().WithMany(x => x.Awaited).HasForeignKey(x => x.WorkflowId).OnDelete(DeleteBehavior.Cascade);
    }
}

/// <summary>A workflow that waits for a host.</summary>
internal sealed record AwaitingWorkflow(long WorkflowId, long HostId);
