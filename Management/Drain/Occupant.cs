using PciBus.Management.PciDevices;

namespace PciBus.Management.Drain;

/// <summary>A virtual machine on another host, with what would come free there if it left.</summary>
/// <param name="PciDevices">Devices that could be given away then.</param>
/// <param name="Cpu">MHz.</param>
/// <param name="Ram">Bytes.</param>
/// <param name="IsLeaving">It is stopping or moving away at this moment, or it has left and its host has not confirmed it.</param>
internal sealed record Occupant(long VmId, string Name, PciDeviceNames PciDevices, long Cpu, long Ram, bool IsLeaving)
{
    public Guid Uuid { get; init; }

    /// <summary>It is not there yet: it comes by the plan.</summary>
    public bool IsArriving { get; init; }
}
