using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>A PCI device of the host in a domain, as libvirt shows it.</summary>
/// <param name="Address">Where the host has it.</param>
/// <param name="GuestAddress">Where the guest sees it; "" when it is about to get that.</param>
/// <param name="Alias">By what events name it; null while the domain does not run.</param>
internal sealed record LibvirtHostDevice(PciAddress Address, string GuestAddress, string? Alias);
