using PciBus.Management.PciDevices;

namespace PciBus.Management.Drain;

/// <summary>A virtual machine on another host, with what would come free there if it left.</summary>
/// <param name="Cpu">MHz.</param>
/// <param name="Ram">Bytes.</param>
/// <param name="IsLeaving">It is stopping or moving away at this moment, or has left and its host has not said so yet.</param>
internal sealed record Occupant(long VmId, string Name, PciDeviceNames PciDevices, long Cpu, long Ram, bool IsLeaving);
