using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Places;

/// <summary>A zone; it is made with the first host that names it.</summary>
internal sealed class Zone : PlaceRow;

internal sealed class ZoneTable : IEntityTypeConfiguration<Zone>
{
    public void Configure(EntityTypeBuilder<Zone> builder)
    {
        builder.ToTable("data_center");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.Name).IsUnique();
    }
}
