using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>A PCI function as the host's kernel shows it at one moment; what is null is not known.</summary>
internal sealed record PciFunction
{
    public PciAddress Address { get; init; }

    /// <summary>Four hexadecimal digits, e.g. <c>8086</c>.</summary>
    public string? VendorId { get; init; }

    public string? ProductId { get; init; }

    /// <summary>Six hexadecimal digits, e.g. <c>020000</c>.</summary>
    public string? Class { get; init; }

    /// <summary>
    /// Of a virtual function: that of its physical function, with the two numbers by which the card tells its functions apart, e.g.
    /// <c>00-1b-21-ff-ff-3a-7c-10 pf 0 vf 3</c>. These stay the same when the host numbers its buses otherwise.
    /// </summary>
    public string? Serial { get; init; }

    /// <summary>Null when the function has no driver; <c>?</c> for a driver whose name cannot be shown.</summary>
    public string? Driver { get; init; }

    /// <summary>Null when the function is in none, or in one that isolates nothing.</summary>
    public int? IommuGroup { get; init; }

    public int? NumaNode { get; init; }

    /// <summary>Null when this is no virtual function.</summary>
    public PciAddress? PhysicalFunction { get; init; }

    /// <summary>The virtual functions that there are of it.</summary>
    public IReadOnlyList<PciAddress> VirtualFunctions { get; init; } = [];

    /// <summary>The number that the kernel gives each of them, from 0 on.</summary>
    public IReadOnlyDictionary<PciAddress, int> VirtualFunctionNumbers { get; init; } = new Dictionary<PciAddress, int>();

    /// <summary>How many virtual functions are switched on.</summary>
    public int VirtualFunctionCount { get; init; }

    /// <summary>The kernel's ways to reset it, e.g. <c>flr</c>, in the order in which it tries them.</summary>
    public IReadOnlyList<string> ResetMethods { get; init; } = [];

    public bool CanReset { get; init; }

    public bool IsBridge { get; init; }

    /// <summary>Whether its configuration space answers.</summary>
    public bool? Answers { get; init; }

    /// <summary>Whether it is held by a driver that gives devices to virtual machines: vfio-pci, or a vendor's variant of it.</summary>
    public bool IsHeldForGuests => Driver is { } driver && driver.Replace('_', '-').EndsWith("vfio-pci", StringComparison.Ordinal);

    public bool HasVirtualFunctions => VirtualFunctionCount > 0 || VirtualFunctions.Count > 0;

    /// <summary>What it is, for people, e.g. <c>0000:06:00.1 (8086:10d3, driver e1000e)</c>.</summary>
    public string Description =>
        $"{Address} ({VendorId ?? "?"}:{ProductId ?? "?"}, {(Driver is null ? "no driver" : $"driver {Driver}")})";

    /// <summary>The function as a report names it, without a given name.</summary>
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
