using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Drain;

/// <summary>A virtual machine that has something on a host which is to be emptied, with what it needs on another.</summary>
/// <param name="IsHere">It is there, or on its way there; else only its host has not said yet that it has left.</param>
/// <param name="IsHeld">A workflow holds it.</param>
internal sealed record DrainedVm(Guid Uuid, VirtualMachineState State, bool IsHere, bool IsHeld, MovingVm Moving);
