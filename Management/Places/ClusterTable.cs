using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Places;

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
