using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.ServiceOfferings;

internal sealed class ServiceOfferingTable : IEntityTypeConfiguration<ServiceOffering>
{
    public void Configure(EntityTypeBuilder<ServiceOffering> builder)
    {
        builder.ToTable("service_offering");
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => x.Name);
    }
}
