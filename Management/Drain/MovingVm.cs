using PciBus.Management.PciDevices;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Drain;

/// <summary>A virtual machine on a host that is to be emptied, and what it needs on another.</summary>
/// <param name="Cpu">MHz.</param>
/// <param name="Ram">Bytes.</param>
/// <param name="HostTags">Tags the host must have all of, canonical.</param>
internal sealed record MovingVm(long Id, string Name, PciDeviceNames PciDevices, long Cpu, long Ram, string HostTags)
{
    public Guid Uuid { get; init; }

    /// <summary>The plan treats it as Running, whatever its state is.</summary>
    public VirtualMachineState State { get; init; } = VirtualMachineState.Running;

    /// <summary>Why it cannot be moved, however much room there is; null when it can.</summary>
    public string? Immovable { get; init; }

    /// <summary>The virtual machine is on its way out already, or has left and its host has not confirmed it.</summary>
    public bool IsLeaving { get; init; }

    /// <summary>The virtual machine is there, or on its way there; else only its host has not confirmed that it has left.</summary>
    public bool IsHere { get; init; } = true;

    /// <summary>A workflow holds it.</summary>
    public bool IsHeld { get; init; }
}

/// <summary>A virtual machine on another host, with what would come free there if it left.</summary>
/// <param name="PciDevices">Devices that could be given away then.</param>
/// <param name="Cpu">MHz.</param>
/// <param name="Ram">Bytes.</param>
/// <param name="IsLeaving">It is stopping or moving away at this moment, or it has left and its host has not confirmed it.</param>
internal sealed record Occupant(long VmId, string Name, PciDeviceNames PciDevices, long Cpu, long Ram, bool IsLeaving)
{
    public Guid Uuid { get; init; }

    /// <summary>The virtual machine is not there yet: it comes by the plan.</summary>
    public bool IsArriving { get; init; }
}
