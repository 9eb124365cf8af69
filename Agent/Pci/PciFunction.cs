using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>A PCI function of the host, as its kernel shows it.</summary>
/// <param name="Address">Where it sits.</param>
/// <param name="VendorId">Four hexadecimal digits.</param>
/// <param name="ProductId">Four hexadecimal digits.</param>
/// <param name="Class">Class code, six hexadecimal digits.</param>
internal sealed record PciFunction(PciAddress Address, string VendorId, string ProductId, string Class)
{
    public string? Serial { get; init; }

    /// <summary>The bound driver; null for none.</summary>
    public string? Driver { get; init; }

    /// <summary>Null when the host has no IOMMU, or it is off.</summary>
    public int? IommuGroup { get; init; }

    /// <summary>The functions of <see cref="IommuGroup"/>, this one too.</summary>
    public IReadOnlyList<PciAddress> GroupMembers { get; init; } = [];

    /// <summary>Null when not known.</summary>
    public int? NumaNode { get; init; }

    /// <summary>The function of which this is a virtual one.</summary>
    public PciAddress? PhysicalFunction { get; init; }

    /// <summary>Its virtual functions that there are now.</summary>
    public IReadOnlyList<PciAddress> VirtualFunctions { get; init; } = [];

    /// <summary>How the kernel can reset it, e.g. <c>flr bus</c>; empty when it cannot.</summary>
    public string ResetMethods { get; init; } = "";

    /// <summary>A bridge, of whatever sort: never handed out.</summary>
    public bool IsBridge => Class.StartsWith("06", StringComparison.Ordinal);

    /// <summary>A controller of disks.</summary>
    public bool IsStorage => Class.StartsWith("01", StringComparison.Ordinal);

    public PciDeviceTO ToDevice() => new()
    {
        Address = Address,
        VendorId = VendorId,
        ProductId = ProductId,
        Class = Class,
        Serial = Serial,
        IommuGroup = IommuGroup,
        NumaNode = NumaNode,
        Driver = Driver,
        PhysicalFunction = PhysicalFunction,
    };
}
