using PciBus.Contracts.VirtualMachines;

namespace PciBus.Contracts.PciDevices;

/// <summary>
/// Management to the agent of the host where a VM runs: attach these devices. A device that the VM has already is a success. Safe to
/// repeat.
/// </summary>
public sealed record AttachPciDevicesCommand : VirtualMachineCommand
{
    /// <summary>The devices to attach; the VM owns them on this host.</summary>
    public IReadOnlyList<PciDeviceTO> PciDevices { get; init; } = [];

    /// <summary>
    /// Where the guest had devices before its migration. A device of such a name goes to such a place, if it is free; all others anywhere.
    /// </summary>
    public IReadOnlyList<GuestPlace> GuestPlaces { get; init; } = [];

    /// <summary>The boot for which the addresses hold; another boot answers "not begun".</summary>
    public string BootId { get; init; } = "";
}

/// <summary>
/// Answer to <see cref="AttachPciDevicesCommand"/>: Attached, Pending or Failed for each device. Result true only when all are Attached.
/// </summary>
public sealed record AttachPciDevicesAnswer : VirtualMachineAnswer;
