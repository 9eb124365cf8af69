namespace PciBus.Management.PciDevices;

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
}
