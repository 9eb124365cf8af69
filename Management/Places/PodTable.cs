using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Places;

internal sealed class PodTable : IEntityTypeConfiguration<Pod>
{
    public void Configure(EntityTypeBuilder<Pod> builder)
    {
        builder.ToTable("host_pod_ref");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => new { x.DataCenterId, x.Name }).IsUnique();
    }
}
