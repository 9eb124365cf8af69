using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Hosts.Capacity;

internal sealed class HostCapacityOfVmTable : IEntityTypeConfiguration<HostCapacityOfVm>
{
    public void Configure(EntityTypeBuilder<HostCapacityOfVm> builder)
    {
        builder.ToTable("op_host_capacity_vm");
        builder.HasKey(x => new { x.VmId, x.HostId });
        builder.HasIndex(x => x.HostId);
    }
}
