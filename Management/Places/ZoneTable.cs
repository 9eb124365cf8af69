using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Places;

internal sealed class ZoneTable : IEntityTypeConfiguration<Zone>
{
    public void Configure(EntityTypeBuilder<Zone> builder)
    {
        builder.ToTable("data_center");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.Name).IsUnique();
    }
}
