using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Places;

/// <summary>A pod of a zone; it is made with the first host that names it.</summary>
internal sealed class Pod : PlaceRow
{
    public long DataCenterId { get; set; }
}

internal sealed class PodTable : IEntityTypeConfiguration<Pod>
{
    public void Configure(EntityTypeBuilder<Pod> builder)
    {
        builder.ToTable("host_pod_ref");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => new { x.DataCenterId, x.Name }).IsUnique();
    }
}
