using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>Something to be done about single devices of a virtual machine that runs.</summary>
internal abstract record PciDeviceEffect : WorkflowEffect;

/// <summary>
/// Look for a device that the virtual machine owns on its host; comes back as <see cref="Planned"/> or <see cref="NothingFits"/>.
/// </summary>
internal sealed record FindPciDevice(long HostId, long DeviceId) : PciDeviceEffect;

/// <summary>
/// Claim a device of a host for it, unless it owns that one already; comes back as <see cref="Planned"/> or <see cref="NothingFits"/>.
/// </summary>
/// <param name="Name">Any free one of this name.</param>
/// <param name="DeviceId">This one; null for any of the name.</param>
/// <param name="Tried">Devices that are not taken again.</param>
internal sealed record ClaimPciDevice(long HostId, string? Name, long? DeviceId, IReadOnlyList<long> Tried) : PciDeviceEffect;

/// <summary>Give back a device of which its host says that it is not in the domain.</summary>
/// <param name="Evidence">Its host's word about this device alone, or that the command to attach it reached nobody.</param>
internal sealed record ReleasePciDevice(long DeviceId, OffEvidence Evidence, string Why) : PciDeviceEffect
{
    /// <summary>An operator wants it to be without.</summary>
    public bool ByHand { get; init; }
}

/// <summary>The host has said that a device is in the domain.</summary>
/// <param name="Session">Session and sequence of its word.</param>
internal sealed record NoteAttached(long DeviceId, long Session, long Sequence) : PciDeviceEffect;

/// <summary>What it lacks is looked for: should that fail, it is looked for again, later each time.</summary>
internal sealed record CountRepair : PciDeviceEffect;

/// <summary>See whether it lacks devices, by what it owns.</summary>
internal sealed record JudgePciDevices : PciDeviceEffect;
