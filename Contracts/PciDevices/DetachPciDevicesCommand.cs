using PciBus.Contracts.VirtualMachines;

namespace PciBus.Contracts.PciDevices;

/// <summary>
/// Management to the agent of the host where a VM runs: detach these devices. A device that the VM does not have is a success. Safe to
/// repeat.
/// </summary>
public sealed record DetachPciDevicesCommand : VirtualMachineCommand
{
    /// <summary>The devices to detach, and to reset and probe once the VM has let go.</summary>
    public IReadOnlyList<PciDeviceTO> PciDevices { get; init; } = [];

    /// <summary>The boot for which the addresses hold; another boot answers "not begun".</summary>
    public string BootId { get; init; } = "";

    /// <summary>Seconds that the guest has to let go of all of them together; 0 = the agent's <c>detach.wait</c>.</summary>
    public int DetachWait { get; init; }
}

/// <summary>
/// Answer to <see cref="DetachPciDevicesCommand"/>: Removed, Refused, Pending or Failed for each device. Those that are
/// Removed stay removed whatever became of the others, and are in <see cref="VirtualMachineAnswer.Cleaned"/>. Result true only when all are
/// Removed.
/// </summary>
public sealed record DetachPciDevicesAnswer : VirtualMachineAnswer;
