using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Hosts;

internal sealed class HostTable : IEntityTypeConfiguration<Host>
{
    public void Configure(EntityTypeBuilder<Host> builder)
    {
        builder.ToTable("host");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.Guid).IsUnique().HasFilter("removed IS NULL");
        builder.HasIndex(x => x.Machine).IsUnique().HasFilter("machine IS NOT NULL");
        builder.HasIndex(x => new { x.Guid, x.Session });
        builder.Property(x => x.UpdateCount).IsConcurrencyToken();
        builder.HasIndex(x => x.Name);
        builder.HasIndex(x => x.PrivateIpAddress);
        builder.HasIndex(x => new { x.ResourceState, x.Name });
        builder.HasIndex(x => x.ClusterId);
        builder.HasIndex(x => x.DataCenterId);
        builder.HasIndex(x => new { x.Status, x.LastPing });
        builder.HasIndex(x => new { x.Status, x.FenceAt });
    }
}
