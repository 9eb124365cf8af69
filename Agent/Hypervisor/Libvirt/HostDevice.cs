using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>A PCI device of the host in the XML of a domain.</summary>
/// <param name="Address">Where it sits on the host.</param>
/// <param name="GuestAddress">Where the guest sees it; null when it has no place yet.</param>
/// <param name="Alias">Its name within the domain; null when it has none yet.</param>
internal sealed record HostDevice(PciAddress Address, string? GuestAddress, string? Alias);
