using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>A domain that somebody starts on a host without PciBus.</summary>
internal sealed record OutsideDomain(Guid Uuid, string Name, IReadOnlyList<PciAddress> PciDevices)
{
    public VirtualMachineTO ToVirtualMachine() => new()
    {
        Uuid = Uuid,
        Name = Name,
        Cpus = 1,
        PciDevices = [.. PciDevices.Select(address => new PciDeviceTO { Address = address, Name = Name })],
    };
}
