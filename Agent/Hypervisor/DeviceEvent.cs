using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor;

/// <summary>What the hypervisor tells about a device of a domain, asked for or not. The event may come late, or be lost.</summary>
/// <param name="DomainUuid">The domain.</param>
/// <param name="Device">The host's device.</param>
/// <param name="Removed">DEVICE_REMOVED; false for DEVICE_REMOVAL_FAILED: the guest refuses to let go.</param>
internal sealed record DeviceEvent(Guid DomainUuid, PciAddress Device, bool Removed);
