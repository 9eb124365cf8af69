using System.Buffers.Binary;
using System.Globalization;
using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;

namespace PciBus.Tests.Agent.Pci;

/// <summary>A host's <c>/sys</c> and <c>/proc</c>, laid out in a folder as the kernel lays them out.</summary>
internal sealed class PciTree : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pcibus-sys-").FullName;

    public PciTree()
    {
        Sysfs = new KernelFolder(Path.Combine(_root, "sys"));
        Proc = new KernelFolder(Path.Combine(_root, "proc"));
        foreach (var folder in (string[])["bus/pci/devices", "bus/pci/drivers/vfio-pci", "class/net", "class/block", "dev/block"])
        {
            Directory.CreateDirectory(Sysfs.FullPath(folder));
        }

        Directory.CreateDirectory(Proc.FullPath("self"));
        Put("bus/pci/drivers_probe", "");
        Mount("0:1", "/proc", "proc", "proc");
    }

    public KernelFolder Sysfs { get; }

    public KernelFolder Proc { get; }

    public SysfsPciBus Bus => new(Sysfs);

    /// <summary>A network card of its own IOMMU group, driven by the host, unless it is said otherwise.</summary>
    public PciAddress Add(
        string address, int? group = null, string? driver = "e1000e", string classCode = "020000", string id = "8086:10d3", string above = "")
    {
        var full = PciAddress.Parse(address);
        var folder = FolderOf(full, above);
        Put($"{folder}/vendor", $"0x{id[..4]}\n");
        Put($"{folder}/device", $"0x{id[5..]}\n");
        Put($"{folder}/class", $"0x{classCode}\n");
        Put($"{folder}/numa_node", "-1\n");
        Put($"{folder}/reset", "");
        Put($"{folder}/reset_method", "flr bus\n");
        Put($"{folder}/driver_override", "(null)\n");
        Put($"{folder}/config", Config(serial: 0));
        Link($"bus/pci/devices/{full}", folder);
        if (driver is not null) Drive(full, driver);
        if (group is { } number)
        {
            Link($"{folder}/iommu_group", Invariant($"kernel/iommu_groups/{number}"));
            Link(Invariant($"kernel/iommu_groups/{number}/devices/{full}"), folder);
            Put(Invariant($"kernel/iommu_groups/{number}/name"), "");
        }

        return full;
    }

    /// <summary>Makes one function a virtual function of another.</summary>
    public void AddVirtualFunction(PciAddress parent, PciAddress child, int number)
    {
        Link($"{FolderOf(child)}/physfn", FolderOf(parent));
        Link(Invariant($"{FolderOf(parent)}/virtfn{number}"), FolderOf(child));
        Put($"{FolderOf(parent)}/sriov_numvfs", Invariant($"{number + 1}\n"));
    }

    /// <summary>Gives a function to a driver; null: to none.</summary>
    public void Drive(PciAddress address, string? driver)
    {
        var link = Sysfs.FullPath($"{FolderOf(address)}/driver");
        if (Sysfs.LinkName($"{FolderOf(address)}/driver") is not null) File.Delete(link);
        if (driver is null) return;
        Put($"bus/pci/drivers/{driver}/unbind", "");
        Link($"{FolderOf(address)}/driver", $"bus/pci/drivers/{driver}");
    }

    /// <summary>A block device, with its folder below a function or another place of <c>devices</c>.</summary>
    public void AddBlock(string folder, string name, string number, params string[] slaves)
    {
        var path = $"{folder}/{name}";
        Directory.CreateDirectory(Sysfs.FullPath($"{path}/holders"));
        Directory.CreateDirectory(Sysfs.FullPath($"{path}/slaves"));
        Link($"class/block/{name}", path);
        Link($"dev/block/{number}", path);
        foreach (var slave in slaves)
        {
            var on = Sysfs.Resolve($"class/block/{slave}")!;
            Link($"{path}/slaves/{slave}", on);
            Link($"{on}/holders/{name}", path);
        }
    }

    public void AddInterface(string folder, string name, params string[] lower)
    {
        Put($"{folder}/{name}/operstate", "up\n");
        Link($"class/net/{name}", $"{folder}/{name}");
        foreach (var one in lower) Link($"{folder}/{name}/lower_{one}", Sysfs.Resolve($"class/net/{one}")!);
    }

    public void Mount(string number, string at, string type, string source)
    {
        var path = Proc.FullPath("self/mountinfo");
        File.AppendAllText(path, $"36 35 {number} / {at} rw,noatime shared:1 - {type} {source} rw\n");
    }

    /// <summary>The folder of a function, as <c>devices</c> has it.</summary>
    public string FolderOf(PciAddress address, string above = "") =>
        Sysfs.Resolve($"bus/pci/devices/{address}") ?? $"devices/pci0000:00/{(above.Length > 0 ? $"{above}/" : "")}{address}";

    public void Put(string path, string text) => Put(path, System.Text.Encoding.UTF8.GetBytes(text));

    public void Put(string path, byte[] bytes)
    {
        var full = Sysfs.FullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, bytes);
    }

    /// <summary>A link to another place of sysfs, relative as the kernel's.</summary>
    public void Link(string path, string target)
    {
        var full = Sysfs.FullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        Directory.CreateDirectory(Sysfs.FullPath(target));
        File.CreateSymbolicLink(full, Path.GetRelativePath(Path.GetDirectoryName(full)!, Sysfs.FullPath(target)));
    }

    public void Remove(PciAddress address)
    {
        Directory.Delete(Sysfs.FullPath(FolderOf(address)), recursive: true);
        File.Delete(Sysfs.FullPath($"bus/pci/devices/{address}"));
    }

    /// <summary>A configuration space of 4096 bytes.</summary>
    /// <param name="serial">0 for none.</param>
    /// <param name="headerType">1 for a bridge.</param>
    public static byte[] Config(ulong serial, byte headerType = 0)
    {
        var config = new byte[PciConfigSpace.Size];
        BinaryPrimitives.WriteUInt32LittleEndian(config, 0x10d38086);
        config[0x0e] = headerType;
        // Advanced error reporting comes first, as in most devices.
        BinaryPrimitives.WriteUInt32LittleEndian(config.AsSpan(0x100), 0x14010001);
        if (serial == 0) return config;
        BinaryPrimitives.WriteUInt32LittleEndian(config.AsSpan(0x140), 0x00010003);
        BinaryPrimitives.WriteUInt64LittleEndian(config.AsSpan(0x144), serial);
        return config;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
