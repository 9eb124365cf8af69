using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Hosts.Maintenance;

internal sealed class HostMaintenanceVmTable : IEntityTypeConfiguration<HostMaintenanceVm>
{
    public void Configure(EntityTypeBuilder<HostMaintenanceVm> builder)
    {
        builder.ToTable("host_maintenance_vm");
        builder.HasKey(x => new { x.HostId, x.VmId });
        builder.Ignore(x => x.Step);
        builder.HasIndex(x => x.VmId);
    }
}
