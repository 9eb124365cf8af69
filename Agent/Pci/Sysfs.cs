using System.Collections.Concurrent;
using System.Globalization;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>The host's PCI functions, read from the kernel's files at each call.</summary>
/// <param name="root">The folder in which <c>sys</c> and <c>proc</c> lie: <c>/</c>, or a copy.</param>
internal sealed class Sysfs(string root)
{
    /// <summary>A device that sleeps or hangs may not tell its serial number: what it has told holds.</summary>
    private readonly ConcurrentDictionary<(PciAddress, string), string> _serials = [];

    private string Devices => Path.Combine(root, "sys/bus/pci/devices");

    /// <summary>The folder or file of a function.</summary>
    public string PathOf(PciAddress address, string file = "") => Path.Combine(Devices, address.ToString(), file);

    public string PathOf(string path) => Path.Combine(root, path);

    /// <summary>All functions, by address.</summary>
    public IReadOnlyList<PciFunction> List()
    {
        if (!Directory.Exists(Devices)) return [];
        return
        [
            .. Directory.EnumerateFileSystemEntries(Devices)
                .Select(path => PciAddress.TryParse(Path.GetFileName(path), out var address, out _) ? Find(address) : null)
                .OfType<PciFunction>()
                .OrderBy(function => function.Address),
        ];
    }

    /// <summary>Null when the kernel sees none at the address, or it is gone while one looks.</summary>
    public PciFunction? Find(PciAddress address)
    {
        var (vendor, product, code) = (Hex(address, "vendor"), Hex(address, "device"), Hex(address, "class"));
        if (vendor is null || product is null || code is null) return null;
        var group = LinkName(address, "iommu_group");
        var hasGroup = int.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        return new PciFunction(address, vendor, product, code)
        {
            Serial = SerialOf(address, $"{vendor}:{product}"),
            Driver = LinkName(address, "driver"),
            IommuGroup = hasGroup ? number : null,
            GroupMembers = hasGroup ? AddressesIn(PathOf(address, "iommu_group/devices")) : [],
            NumaNode = int.TryParse(Text(address, "numa_node"), CultureInfo.InvariantCulture, out var node) && node >= 0 ? node : null,
            PhysicalFunction = PciAddress.TryParse(LinkName(address, "physfn"), out var physical, out _) ? physical : null,
            VirtualFunctions = VirtualFunctionsOf(address),
            ResetMethods = Text(address, "reset_method") ?? (File.Exists(PathOf(address, "reset")) ? "yes" : ""),
        };
    }

    /// <summary>The text of a function's file; null when there is none or it cannot be read.</summary>
    public string? Text(PciAddress address, string file) => Text(PathOf(address, file));

    public static string? Text(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The config space; shorter for who is not root, empty when it cannot be read.</summary>
    public byte[] Config(PciAddress address)
    {
        try
        {
            return File.ReadAllBytes(PathOf(address, "config"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The name of what a link of a function leads to.</summary>
    public string? LinkName(PciAddress address, string link)
    {
        try
        {
            return new FileInfo(PathOf(address, link)).LinkTarget is { } target ? Path.GetFileName(target) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string? Hex(PciAddress address, string file) =>
        Text(address, file) is { Length: > 2 } text && text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : null;

    private string? SerialOf(PciAddress address, string identity)
    {
        if (PciSerialNumber.Read(Config(address)) is { } serial) return _serials[(address, identity)] = serial;
        return _serials.GetValueOrDefault((address, identity));
    }

    private IReadOnlyList<PciAddress> VirtualFunctionsOf(PciAddress address)
    {
        try
        {
            return
            [
                .. Directory.EnumerateFileSystemEntries(PathOf(address), "virtfn*")
                    .Select(link => PciAddress.TryParse(LinkName(address, Path.GetFileName(link)), out var function, out _) ? function : (PciAddress?)null)
                    .OfType<PciAddress>()
                    .Order(),
            ];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static IReadOnlyList<PciAddress> AddressesIn(string folder)
    {
        try
        {
            return
            [
                .. Directory.EnumerateFileSystemEntries(folder)
                    .Select(path => PciAddress.TryParse(Path.GetFileName(path), out var address, out _) ? address : (PciAddress?)null)
                    .OfType<PciAddress>()
                    .Order(),
            ];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
