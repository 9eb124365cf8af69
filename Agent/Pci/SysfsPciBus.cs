using System.Globalization;
using PciBus.Agent.Hypervisor;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>Reads the PCI functions of the host out of sysfs. It changes nothing.</summary>
internal sealed class SysfsPciBus(KernelFolder sysfs)
{
    public const string Devices = "bus/pci/devices";

    /// <summary>Where all devices are; the other folders of sysfs lead there.</summary>
    private const string Tree = "devices/";

    private const string Groups = "kernel/iommu_groups";

    /// <summary>The group of a device that nothing isolates: <c>enable_unsafe_noiommu_mode</c>.</summary>
    private const string NoIommu = "vfio-noiommu";

    /// <summary>Links of a physical function to its virtual functions begin with it; their numbers follow.</summary>
    private const string VirtualFunction = "virtfn";

    private const int LongestName = 64;

    /// <summary>A driver with a blank in its name, say. It is a driver all the same.</summary>
    private const string OddName = "?";

    /// <summary>VIR_ERR_SYSTEM_ERROR.</summary>
    private const int SystemError = 38;

    /// <summary>The functions that there are, by address.</summary>
    /// <exception cref="HypervisorException">The kernel's list cannot be read, which is not the same as an empty one.</exception>
    public IReadOnlyDictionary<PciAddress, PciFunction> List()
    {
        var functions = Addresses().Select(Read).OfType<PciFunction>().ToDictionary(function => function.Address);
        return functions.ToDictionary(function => function.Key, function => WithSerial(function.Value, functions.GetValueOrDefault));
    }

    /// <summary>The function at an address; null when there is none.</summary>
    /// <exception cref="HypervisorException">The kernel's list cannot be read.</exception>
    public PciFunction? Find(PciAddress address) => Read(address) is { } function ? WithSerial(function, Read) : null;

    /// <summary>The functions of an IOMMU group; null when they cannot be read.</summary>
    public IReadOnlyList<PciAddress>? Members(int group) =>
        sysfs.Names(Invariant($"{Groups}/{group}/devices"))?.Select(Address).OfType<PciAddress>().ToList();

    /// <summary>The place of a device that a path leads to; null when it leads to none.</summary>
    public string? Device(string path) =>
        sysfs.Resolve(path) is { } place && place.StartsWith(Tree, StringComparison.Ordinal) ? place : null;

    /// <summary>The function that carries what a path of sysfs leads to: the last one on it, after the bridges. Null for none.</summary>
    public static PciAddress? Carrier(string path) => path.Split('/').Select(Address).LastOrDefault(address => address is not null);

    /// <summary>A failure of the host's kernel, in libvirt's numbers.</summary>
    public static HypervisorException Failure(string message) => new(SystemError, 0, message);

    private PciFunction? Read(PciAddress address)
    {
        if (Device($"{Devices}/{address}") is not { } folder || Carrier(folder) != address)
        {
            Addresses();
            return null;
        }

        var config = sysfs.Bytes($"{folder}/config", PciConfigSpace.Size) ?? [];
        var classCode = Hex($"{folder}/class", 6);
        var numbers = VirtualFunctionNumbers(folder);
        var found = new PciFunction
        {
            Address = address,
            VendorId = Hex($"{folder}/vendor", 4),
            ProductId = Hex($"{folder}/device", 4),
            Class = classCode,
            Serial = PciConfigSpace.Serial(config),
            Driver = sysfs.LinkText($"{folder}/driver") is { } driver ? Name(Path.GetFileName(driver)) ?? OddName : null,
            IommuGroup = Group(folder),
            NumaNode = Number(sysfs.Text($"{folder}/numa_node")),
            PhysicalFunction = Address(sysfs.LinkName($"{folder}/physfn")),
            VirtualFunctions = [.. numbers.Keys.Order()],
            VirtualFunctionNumbers = numbers,
            VirtualFunctionCount = Number(sysfs.Text($"{folder}/sriov_numvfs")) ?? 0,
            ResetMethods = [.. (sysfs.Text($"{folder}/reset_method") ?? "").Split(' ').Select(Name).OfType<string>()],
            CanReset = sysfs.Exists($"{folder}/reset"),
            IsBridge = PciConfigSpace.IsBridge(config) == true || classCode?.StartsWith("06", StringComparison.Ordinal) == true,
            Answers = PciConfigSpace.Answers(config),
        };
        // A function that goes while it is read leaves an answer of which a half is true.
        return sysfs.Exists(folder) ? found : null;
    }

    private IReadOnlyList<PciAddress> Addresses() => sysfs.Names(Devices) is { } names
        ? [.. names.Select(Address).OfType<PciAddress>()]
        : throw Failure($"{sysfs.FullPath(Devices)} cannot be read");

    private Dictionary<PciAddress, int> VirtualFunctionNumbers(string folder)
    {
        var numbers = new Dictionary<PciAddress, int>();
        foreach (var name in (sysfs.Names(folder) ?? []).Where(name => name.StartsWith(VirtualFunction, StringComparison.Ordinal)))
        {
            if (Number(name[VirtualFunction.Length..]) is { } number && Address(sysfs.LinkName($"{folder}/{name}")) is { } address)
            {
                numbers.TryAdd(address, number);
            }
        }

        return numbers;
    }

    /// <summary>A virtual function is known by its card: its own serial number, if it has one, is that of all functions.</summary>
    private static PciFunction WithSerial(PciFunction function, Func<PciAddress, PciFunction?> find)
    {
        if (function.PhysicalFunction is not { } parent) return function;
        var serial = find(parent) is { Serial: { } card } physical
            && physical.VirtualFunctionNumbers.TryGetValue(function.Address, out var number)
                ? Invariant($"{card} pf {parent.Function:x} vf {number}")
                : null;
        return function with { Serial = serial };
    }

    private int? Group(string folder) =>
        Number(sysfs.LinkName($"{folder}/iommu_group")) is { } group && sysfs.Text(Invariant($"{Groups}/{group}/name")) != NoIommu
            ? group
            : null;

    private string? Hex(string path, int digits) =>
        sysfs.Text(path) is { } text && text.StartsWith("0x", StringComparison.Ordinal) && text.Length == digits + 2
            && text.Skip(2).All(char.IsAsciiHexDigit)
            ? text[2..].ToLowerInvariant()
            : null;

    /// <summary>A number from 0 on; the kernel says -1 for "not known".</summary>
    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>An address as sysfs writes it, in full.</summary>
    private static PciAddress? Address(string? text) =>
        PciAddress.TryParse(text, out var address, out _) && address.ToString() == text ? address : null;

    /// <summary>A name as the kernel gives names, which goes into reports and logs.</summary>
    private static string? Name(string? text) => text is { Length: > 0 and <= LongestName }
        && text.All(character => char.IsAsciiLetterOrDigit(character) || "_-.:".Contains(character, StringComparison.Ordinal))
            ? text
            : null;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
