using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Hosts.Capacity;

internal sealed class HostCapacityTable : IEntityTypeConfiguration<HostCapacity>
{
    public void Configure(EntityTypeBuilder<HostCapacity> builder)
    {
        builder.ToTable("op_host_capacity");
        builder.HasKey(x => x.HostId);
        builder.Property(x => x.HostId).ValueGeneratedNever();
        builder.Property(x => x.CpuFree).HasComputedColumnSql("cpu_total - cpu_used", stored: true);
        builder.Property(x => x.RamFree).HasComputedColumnSql("ram_total - ram_used", stored: true);
        builder.HasIndex(x => x.PlacementClass);
        builder.HasIndex(x => new { x.ClusterId, x.CapacityState, x.PlacementClass, x.CpuFree, x.RamFree });
        builder.HasIndex(x => new { x.DataCenterId, x.CapacityState, x.PlacementClass, x.CpuFree, x.RamFree });
    }
}
