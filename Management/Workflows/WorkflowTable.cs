using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Workflows;

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
}
