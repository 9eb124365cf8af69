using PciBus.Management.PciDevices;

namespace PciBus.Management.Drain;

/// <summary>A virtual machine on a host that is to be emptied, and what it needs on another.</summary>
/// <param name="Cpu">MHz.</param>
/// <param name="Ram">Bytes.</param>
/// <param name="HostTags">Tags the host must have all of, canonical.</param>
internal sealed record MovingVm(long Id, string Name, PciDeviceNames PciDevices, long Cpu, long Ram, string HostTags)
{
    /// <summary>Why it cannot be moved, however much room there is; null when it can.</summary>
    public string? Immovable { get; init; }

    /// <summary>It is on its way out already.</summary>
    public bool IsLeaving { get; init; }
}
