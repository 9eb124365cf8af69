using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PciBus.Management.PciDevices;

internal sealed class PciDeviceHistoryTable : IEntityTypeConfiguration<PciDeviceHistory>
{
    public void Configure(EntityTypeBuilder<PciDeviceHistory> builder)
    {
        builder.ToTable("pci_device_history");
        builder.HasIndex(x => x.DeviceId);
        builder.HasIndex(x => x.VmId);
        builder.HasIndex(x => x.HostId);
        builder.HasIndex(x => x.Address);
        builder.HasIndex(x => x.Name);
        builder.HasIndex(x => x.Created);
    }
}
