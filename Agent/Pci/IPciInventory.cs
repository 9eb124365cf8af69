using PciBus.Agent.Hypervisor;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>The host's PCI devices, whatever runs its domains. Every refusal is a <see cref="HypervisorException"/>.</summary>
internal interface IPciInventory
{
    /// <summary>
    /// The device at the address with its identity, without name, and with the reason why it can be given to nobody; null when the host
    /// sees no device there.
    /// </summary>
    Task<PciDeviceTO?> FindPciDeviceAsync(PciAddress address, CancellationToken cancellationToken);

    /// <summary>All devices that the host sees, with their identity, without names, by address.</summary>
    Task<IReadOnlyList<PciDeviceTO>> ListPciDevicesAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Makes the devices of pci.devices ready to be given out, and says how they are: <see cref="PciDeviceTO.Unusable"/> says why a device
    /// is not ready. A device that the host does not see is left out.
    /// </summary>
    /// <param name="configured">The addresses that pci.devices names.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task<IReadOnlyList<PciDeviceTO>> ServePciDevicesAsync(
        IReadOnlyCollection<PciAddress> configured, CancellationToken cancellationToken);

    /// <summary>Resets a device that no domain holds and probes its config space; an exception says that it is not clean.</summary>
    Task ResetPciDeviceAsync(PciAddress address, CancellationToken cancellationToken);
}
