using PciBus.Management.PciDevices;

namespace PciBus.Management.Api.PciDevices;

/// <summary>A device and the state that the database derived for it.</summary>
internal sealed class PciDeviceWithState
{
    public required PciDevice Device { get; init; }

    public PciDeviceState State { get; init; }
}
