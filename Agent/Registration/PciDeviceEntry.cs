using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Registration;

/// <summary>A good entry of <c>pci.devices</c>: the device at this address may be handed out under this name.</summary>
internal sealed record PciDeviceEntry(PciAddress Address, string Name);
