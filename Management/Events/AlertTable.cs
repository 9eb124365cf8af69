using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Events;

internal sealed class AlertTable : IEntityTypeConfiguration<Alert>
{
    public void Configure(EntityTypeBuilder<Alert> builder)
    {
        builder.ToTable("alert");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.HostId);
        builder.HasIndex(x => x.Created);
        builder.HasIndex(x => x.Resolved);
    }
}
