namespace PciBus.Management.PciDevices;

/// <summary>A device that a virtual machine lacks and can be given.</summary>
/// <param name="Name">The name that it lacks.</param>
/// <param name="DeviceId">The device, when it owns it and it is not in its domain; null for any free one of the name.</param>
internal sealed record PciDeviceRepair(long VmId, string VmName, string Name, long? DeviceId);
