using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Places;

/// <summary>A cluster of a pod; it is made with the first host that names it.</summary>
internal sealed class Cluster : PlaceRow
{
    public long PodId { get; set; }
    public long DataCenterId { get; set; }
    public required string HypervisorType { get; set; }
}

internal sealed class ClusterTable : IEntityTypeConfiguration<Cluster>
{
    public void Configure(EntityTypeBuilder<Cluster> builder)
    {
        builder.ToTable("cluster");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => new { x.PodId, x.Name }).IsUnique();
        builder.HasIndex(x => x.DataCenterId);
    }
}
