using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PciBus.Management.Persistence;

namespace PciBus.Management.PciDevices;

/// <summary>What happened to a device, and why; rows are only added.</summary>
internal sealed class PciDeviceHistory
{
    public long Id { get; set; }
    public long DeviceId { get; set; }

    /// <summary>Its address; null in lines of versions that did not write it.</summary>
    public string? Address { get; set; }

    /// <summary>Its name when this happened; null in lines of versions that did not write it.</summary>
    public string? Name { get; set; }

    /// <summary>The claim it happened to.</summary>
    public long Claim { get; set; }
    public long? VmId { get; set; }
    public long HostId { get; set; }
    public PciDeviceChange What { get; set; }
    public required string Why { get; set; }
    public long? JobId { get; set; }
    public DateTimeOffset Created { get; set; }
}

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

    /// <summary>Deletes the oldest lines; lines about a claim stay while the device is claimed.</summary>
    public static Task<int> DeleteOldAsync(PciBusDbContext database, DateTimeOffset before, int most, CancellationToken token) =>
        database.Set<PciDeviceHistory>()
            .Where(row => row.Created < before
                && !database.Set<PciDevice>().Any(
                    device => device.Id == row.DeviceId && device.InstanceId != null && device.Claim == row.Claim))
            .OrderBy(row => row.Created)
            .Take(most)
            .ExecuteDeleteAsync(token);
}

/// <summary>What can happen to a device.</summary>
internal enum PciDeviceChange
{
    Discovered,
    Claimed,
    Released,
    Renamed,
    Missing,
    Returned,
    Unconfigured,
    Configured,
    Quarantined,
    TakenOutOfQuarantine,
    Enabled,
    Disabled,
    Removed,
    Unusable,
    Usable,

    /// <summary>The device has another address since its host rebooted.</summary>
    Renumbered,
}
