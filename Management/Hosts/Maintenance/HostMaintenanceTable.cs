using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Hosts.Maintenance;

internal sealed class HostMaintenanceTable : IEntityTypeConfiguration<HostMaintenance>
{
    public void Configure(EntityTypeBuilder<HostMaintenance> builder)
    {
        builder.ToTable("host_maintenance");
        builder.HasKey(x => x.HostId);
        builder.Property(x => x.HostId).ValueGeneratedNever();
        builder.Property(x => x.UpdateCount).IsConcurrencyToken();
    }
}
