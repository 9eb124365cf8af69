using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.VirtualMachines;

internal sealed class SightingTable : IEntityTypeConfiguration<Sighting>
{
    public void Configure(EntityTypeBuilder<Sighting> builder)
    {
        builder.ToTable("vm_sighting");
        builder.HasIndex(x => new { x.VmId, x.HostId }).IsUnique();
        builder.HasIndex(x => x.HostId);
    }
}
