using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.Hosts.Capacity;

/// <summary>What one virtual machine has taken of one host; given back by deleting the row.</summary>
internal sealed class HostCapacityOfVm
{
    public long VmId { get; set; }
    public long HostId { get; set; }

    /// <summary>MHz.</summary>
    public long Cpu { get; set; }

    /// <summary>Bytes.</summary>
    public long Ram { get; set; }
}

internal sealed class HostCapacityOfVmTable : IEntityTypeConfiguration<HostCapacityOfVm>
{
    public void Configure(EntityTypeBuilder<HostCapacityOfVm> builder)
    {
        builder.ToTable("op_host_capacity_vm");
        builder.HasKey(x => new { x.VmId, x.HostId });
        builder.HasIndex(x => x.HostId);
    }
}
