namespace PciBus.Contracts.PciDevices;

/// <summary>
/// A PCI device of one host, as an agent reports it and as a command names it. A command's device carries the identity for
/// which its address holds: an agent that finds another identity there has not begun.
/// </summary>
public sealed record PciDeviceTO
{
    /// <summary>Management's id of the device; 0 in a report.</summary>
    public long Id { get; init; }

    /// <summary>Number of the claim under which the VM owns it; 0 in a report.</summary>
    public long Claim { get; init; }

    public PciAddress Address { get; init; }

    /// <summary>The given name, by which offerings ask for it.</summary>
    public string Name { get; init; } = "";

    /// <summary>Whether the host sees a device at the address.</summary>
    public bool Present { get; init; } = true;

    /// <summary>Four hexadecimal digits, e.g. <c>8086</c>; null when not known.</summary>
    public string? VendorId { get; init; }

    /// <summary>Four hexadecimal digits, e.g. <c>10ed</c>; null when not known.</summary>
    public string? ProductId { get; init; }

    /// <summary>PCI class code, e.g. <c>020000</c>; null when not known.</summary>
    public string? Class { get; init; }

    /// <summary>
    /// Serial number of the device; null when it has none. Of a virtual function: its card's, with the numbers by which the card tells its
    /// functions apart, e.g. <c>00-1b-21-ff-ff-3a-7c-10 pf 0 vf 3</c>.
    /// </summary>
    public string? Serial { get; init; }

    /// <summary>The IOMMU group of this boot; null when the host has no IOMMU.</summary>
    public int? IommuGroup { get; init; }

    /// <summary>NUMA node; null when not known.</summary>
    public int? NumaNode { get; init; }

    /// <summary>Host driver bound now, e.g. <c>vfio-pci</c>; null for none, <c>?</c> for one whose name cannot be shown.</summary>
    public string? Driver { get; init; }

    /// <summary>The physical function of which this is a virtual function; null for others.</summary>
    public PciAddress? PhysicalFunction { get; init; }

    /// <summary>
    /// Why the device can be given to no virtual machine, and what to do about it, for the operator; null when it can, and in a command. A
    /// device that the host does not see needs no reason.
    /// </summary>
    public string? Unusable { get; init; }
}
