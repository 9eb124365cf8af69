namespace PciBus.Management.PciDevices;

/// <summary>Whether a device can be trusted with a virtual machine.</summary>
internal enum PciDeviceHealth
{
    Good,

    /// <summary>It did not come clean, or is another device than before: an operator must look.</summary>
    Quarantined,
}
