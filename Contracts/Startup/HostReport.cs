using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Contracts.Startup;

/// <summary>
/// What a host looks like at one moment. A report is a hint: it never frees a device. A section that could not be collected
/// is null, which is never read as empty.
/// </summary>
public sealed record HostReport
{
    /// <summary>The session it belongs to; reports of another session are dropped.</summary>
    public long Session { get; init; }

    /// <summary>Grows by one with each report and answer of the session; management drops older reports.</summary>
    public long Sequence { get; init; }

    /// <summary>
    /// Grows by one each time the agent has something else to say than in the report before: reports of one revision say the same. It tells
    /// a host that has not changed from a host that has changed and changed back.
    /// </summary>
    public long Revision { get; init; }

    /// <summary>Identity of the host's boot: PCI addresses hold for one boot.</summary>
    public string BootId { get; init; } = "";

    /// <summary>The devices of <c>pci.devices</c>; null when the list or the PCI bus could not be read.</summary>
    public IReadOnlyList<PciDeviceTO>? PciDevices { get; init; }

    /// <summary>Entries of <c>pci.devices</c> that are not served.</summary>
    public IReadOnlyList<BadPciDeviceEntry> BadPciDevices { get; init; } = [];

    /// <summary>The domains on the host with the devices each holds; null when they could not be listed.</summary>
    public IReadOnlyList<DomainReport>? VirtualMachines { get; init; }

    /// <summary>What the operator should know about the host's configuration, e.g. that agent.properties cannot be read.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
