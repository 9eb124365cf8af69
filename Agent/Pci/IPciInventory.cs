using PciBus.Agent.Hypervisor;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>The host's PCI devices, whatever runs its domains. Every refusal is a <see cref="HypervisorException"/>.</summary>
internal interface IPciInventory
{
    /// <summary>The device at the address with its identity, without name; null when the host sees no device there.</summary>
    Task<PciDeviceTO?> FindPciDeviceAsync(PciAddress address, CancellationToken cancellationToken);

    /// <summary>Resets a device that no domain holds and probes its config space; an exception says that it is not clean.</summary>
    Task ResetPciDeviceAsync(PciAddress address, CancellationToken cancellationToken);
}
