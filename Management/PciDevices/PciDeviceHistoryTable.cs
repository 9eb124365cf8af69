using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PciBus.Management.Persistence;

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

    /// <summary>Deletes the oldest lines; what tells of a claim stays while the device is claimed.</summary>
    public static Task<int> DeleteOldAsync(PciBusDbContext database, DateTimeOffset before, int most, CancellationToken token) =>
        database.Set<PciDeviceHistory>()
            .Where(row => row.Created < before
                && !database.Set<PciDevice>().Any(device => device.Id == row.DeviceId && device.InstanceId != null && device.Claim == row.Claim))
            .OrderBy(row => row.Created)
            .Take(most)
            .ExecuteDeleteAsync(token);
}
