using PciBus.Contracts.PciDevices;

namespace PciBus.Contracts.VirtualMachines;

/// <summary>
/// Management to an agent: the VM shall be off on this host, and its devices clean. A VM that is off already is a success.
/// Safe to repeat.
/// </summary>
public sealed record StopCommand : VirtualMachineCommand
{
    /// <summary>Destroy the domain instead of asking the guest.</summary>
    public bool ForceStop { get; init; }

    /// <summary>Do nothing to a running VM and answer that it runs; clean up after a VM that is off.</summary>
    public bool CheckBeforeCleanup { get; init; }

    // -- PciBus --

    /// <summary>The devices to reset and probe once the VM is off.</summary>
    public IReadOnlyList<PciDeviceTO> PciDevices { get; init; } = [];

    /// <summary>The boot for which the addresses hold; after another boot nothing is reset, the devices count as clean.</summary>
    public string BootId { get; init; } = "";
}

/// <summary>Answer to <see cref="StopCommand"/>.</summary>
public sealed record StopAnswer : VirtualMachineAnswer;
