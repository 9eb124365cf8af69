using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Workflows;

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
