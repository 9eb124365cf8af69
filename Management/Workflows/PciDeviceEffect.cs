using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>Something to be done about single devices of a virtual machine that runs.</summary>
internal abstract record PciDeviceEffect : WorkflowEffect;

/// <summary>
/// Look for a device that the virtual machine owns on its host; comes back as <see cref="Planned"/> or <see cref="NothingFits"/>.
/// </summary>
internal sealed record FindPciDevice(long HostId, long DeviceId) : PciDeviceEffect;

/// <summary>
/// Claim a device of a host, unless the virtual machine owns it already; comes back as <see cref="Planned"/> or <see cref="NothingFits"/>.
/// </summary>
/// <param name="Name">Any free device of this name.</param>
/// <param name="DeviceId">This device; null for any of the name.</param>
/// <param name="Tried">Devices that are not taken again.</param>
internal sealed record ClaimPciDevice(long HostId, string? Name, long? DeviceId, IReadOnlyList<long> Tried) : PciDeviceEffect;

/// <summary>Give back a device whose host says that it is not in the domain.</summary>
/// <param name="Evidence">Its host's word about this device alone, or that the command to attach it reached nobody.</param>
internal sealed record ReleasePciDevice(long DeviceId, OffEvidence Evidence, string Why) : PciDeviceEffect
{
    /// <summary>An operator wants the virtual machine to be without the device.</summary>
    public bool ByHand { get; init; }
}

/// <summary>The host has said that a device is in the domain.</summary>
/// <param name="Session">Session and sequence of its word.</param>
internal sealed record NoteAttached(long DeviceId, long Session, long Sequence) : PciDeviceEffect;

/// <summary>Count the repair that is under way: should it fail, the next repair comes later each time.</summary>
internal sealed record CountRepair : PciDeviceEffect;

/// <summary>Judge whether the virtual machine lacks devices, by the devices that it owns.</summary>
internal sealed record JudgePciDevices : PciDeviceEffect;
