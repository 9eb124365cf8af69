using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Registration;

/// <summary>What agent.properties says of the host's devices.</summary>
/// <param name="Devices">The devices to serve; null when no list could ever be read, which is not "none".</param>
/// <param name="Bad">Entries that are not served.</param>
/// <param name="Warnings">Why the list may be older than the file.</param>
internal sealed record PciDeviceList(
    IReadOnlyList<PciDeviceEntry>? Devices, IReadOnlyList<BadPciDeviceEntry> Bad, IReadOnlyList<string> Warnings);
