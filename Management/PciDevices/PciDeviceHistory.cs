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
