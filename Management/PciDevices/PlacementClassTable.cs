using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.PciDevices;

internal sealed class PlacementClassTable : IEntityTypeConfiguration<PlacementClass>
{
    public void Configure(EntityTypeBuilder<PlacementClass> builder)
    {
        builder.ToTable("op_placement_class");
        builder.HasIndex(x => x.Digest).IsUnique();
    }
}
