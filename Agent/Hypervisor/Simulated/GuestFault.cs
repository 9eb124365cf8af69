using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>How a guest treats devices that it shall let go of.</summary>
/// <param name="Behaviour">What it does.</param>
/// <param name="Domain">The domain's uuid; null for all.</param>
/// <param name="Device">The host's device; null for all.</param>
internal sealed record GuestFault(GuestBehaviour Behaviour, Guid? Domain = null, PciAddress? Device = null)
{
    public bool IsOf(Guid domain, PciAddress device) => (Domain ?? domain) == domain && (Device ?? device) == device;
}
