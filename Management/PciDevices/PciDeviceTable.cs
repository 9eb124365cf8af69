using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.PciDevices;

internal sealed class PciDeviceTable : IEntityTypeConfiguration<PciDevice>
{
    public void Configure(EntityTypeBuilder<PciDevice> builder)
    {
        builder.ToTable("op_host_pci_devices");
        builder.Ignore(x => x.Address);
        builder.Property(x => x.Claim).IsConcurrencyToken();
        builder.HasIndex(x => x.Uuid).IsUnique();
        builder.HasIndex(x => new { x.HostId, x.Domain, x.Bus, x.Slot, x.Function }).IsUnique();
        builder.HasIndex(x => x.InstanceId);
        builder.HasIndex(x => x.Name);
    }
}
