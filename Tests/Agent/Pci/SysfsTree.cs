using System.Net;
using System.Net.NetworkInformation;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;

namespace PciBus.Tests.Agent.Pci;

/// <summary>The kernel's files of a host that does not exist, in a folder of their own; what is written to them is obeyed as the kernel does.</summary>
internal sealed class SysfsTree : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pcibus-sysfs-").FullName;

    public SysfsTree()
    {
        Sysfs = new Sysfs(_root);
        Use = new HostUse(Sysfs, name => Unreadable.Contains(name) ? throw new NetworkInformationException() : Addresses.GetValueOrDefault(name) ?? []);
        Pci = new HostPci(Sysfs, Use, () => [.. Entries], Write);
        Folder("sys/bus/pci/drivers/vfio-pci");
        Folder("sys/class/block");
        Mount("28 1 0:30 / / rw,relatime - overlay overlay rw");
    }

    public Sysfs Sysfs { get; }

    public HostUse Use { get; }

    public HostPci Pci { get; }

    /// <summary>What agent.properties names.</summary>
    public List<PciDeviceEntry> Entries { get; } = [];

    /// <summary>The addresses of network interfaces.</summary>
    public Dictionary<string, IPAddress[]> Addresses { get; } = [];

    /// <summary>Network interfaces whose addresses the kernel does not tell.</summary>
    public HashSet<string> Unreadable { get; } = [];

    /// <summary>What was written to the kernel's files, in order: NAME=TEXT.</summary>
    public List<string> Written { get; } = [];

    /// <summary>The driver that takes whatever is to be bound; vfio-pci, unless something is wrong.</summary>
    public string? Taker { get; set; } = "vfio-pci";

    /// <summary>A function behind a root port, in a group of its own unless one is given.</summary>
    public PciAddress Add(string address, string id = "8086:10ed", string? driver = "ixgbe", int? group = null, string code = "020000")
    {
        var parsed = PciAddress.Parse(address);
        var folder = Folder(RealPath(parsed));
        Link($"sys/bus/pci/devices/{parsed}", folder);
        var (vendor, product) = (id[..4], id[5..]);
        File(parsed, "vendor", $"0x{vendor}\n");
        File(parsed, "device", $"0x{product}\n");
        File(parsed, "class", $"0x{code}\n");
        File(parsed, "numa_node", "-1\n");
        File(parsed, "reset", "");
        File(parsed, "reset_method", "flr bus\n");
        File(parsed, "driver_override", "(null)\n");
        SetConfig(parsed, Convert.ToUInt16(vendor, 16), Convert.ToUInt16(product, 16));
        if (group != -1) Group(parsed, group ?? (parsed.Bus << 8 | parsed.Slot << 3 | parsed.Function));
        Bind(parsed, driver);
        return parsed;
    }

    public void Bind(PciAddress address, string? driver)
    {
        System.IO.File.Delete(PathOf(address, "driver"));
        if (driver is not null) Directory.CreateSymbolicLink(PathOf(address, "driver"), Folder($"sys/bus/pci/drivers/{driver}"));
    }

    public void File(PciAddress address, string name, string text) => System.IO.File.WriteAllText(PathOf(address, name), text);

    public void File(string path, string text)
    {
        Folder(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(Path.Combine(_root, path), text);
    }

    /// <summary>The config space begins with these, has a command register, and a serial number behind another capability.</summary>
    public void SetConfig(PciAddress address, ushort vendor, ushort product, ulong serial = 0x001b21ffffa3b2c1)
    {
        var config = new byte[4096];
        BitConverter.TryWriteBytes(config, vendor);
        BitConverter.TryWriteBytes(config.AsSpan(2), product);
        BitConverter.TryWriteBytes(config.AsSpan(4), 0x00100406);
        BitConverter.TryWriteBytes(config.AsSpan(0x100), (0x140u << 20) | 0x10001);
        BitConverter.TryWriteBytes(config.AsSpan(0x140), 0x10003u);
        BitConverter.TryWriteBytes(config.AsSpan(0x144), serial);
        System.IO.File.WriteAllBytes(PathOf(address, "config"), config);
    }

    /// <summary>Agent.properties names it too.</summary>
    public void Configure(PciAddress address, bool byPattern = false) => Entries.Add(new PciDeviceEntry(address, "10GE") { ByPattern = byPattern });

    /// <summary>What the kernel says is mounted, beside what is on every host.</summary>
    public void Mount(params string[] lines) => File("proc/self/mountinfo", $"20 1 0:5 / /dev rw - devtmpfs udev rw\n{string.Join('\n', lines)}\n");

    /// <summary>A physical function gets a virtual one.</summary>
    public void AddVirtual(PciAddress physical, int index, PciAddress function)
    {
        Link(Path.Combine(RealPath(physical), $"virtfn{index}"), Path.Combine(_root, RealPath(function)));
        Link(Path.Combine(RealPath(function), "physfn"), Path.Combine(_root, RealPath(physical)));
    }

    /// <summary>A disk on a function, with a partition.</summary>
    public void AddDisk(PciAddress address, string disk, string number)
    {
        foreach (var (name, folder, dev) in new[] { (disk, $"block/{disk}", number), ($"{disk}1", $"block/{disk}/{disk}1", $"{number}1") })
        {
            var path = Path.Combine(RealPath(address), "ata1", folder);
            File(Path.Combine(path, "dev"), $"{dev}\n");
            Link($"sys/class/block/{name}", Path.Combine(_root, path));
        }
    }

    public void AddNetwork(PciAddress address, string name, bool isUp = false)
    {
        var path = Path.Combine(RealPath(address), "net", name);
        Link($"sys/class/net/{name}", Folder(path));
        File(Path.Combine(path, "flags"), isUp ? "0x1003\n" : "0x1002\n");
    }

    /// <summary>A bond, bridge or VLAN that is made of an interface.</summary>
    public void AddUpper(string network, string upper)
    {
        var folder = Folder($"sys/devices/virtual/net/{upper}");
        if (!Directory.Exists(Path.Combine(_root, "sys/class/net", upper))) Link($"sys/class/net/{upper}", folder);
        Directory.CreateSymbolicLink(Path.Combine(_root, "sys/class/net", network, $"upper_{upper}"), folder);
    }

    public string Folder(string path) => Directory.CreateDirectory(Path.Combine(_root, path)).FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static string RealPath(PciAddress address) => $"sys/devices/pci0000:00/0000:00:1c.0/{address}";

    private string PathOf(PciAddress address, string name) => Path.Combine(_root, RealPath(address), name);

    private void Link(string path, string target)
    {
        Folder(Path.GetDirectoryName(path)!);
        Directory.CreateSymbolicLink(Path.Combine(_root, path), target);
    }

    private void Group(PciAddress address, int number)
    {
        var folder = Folder($"sys/kernel/iommu_groups/{number}");
        Link(Path.Combine(RealPath(address), "iommu_group"), folder);
        Link($"sys/kernel/iommu_groups/{number}/devices/{address}", Path.Combine(_root, RealPath(address)));
    }

    private void Write(string path, string text)
    {
        var name = Path.GetFileName(path);
        Written.Add($"{name}={text}");
        if (name == "unbind") Bind(PciAddress.Parse(text), null);
        else if (name == "drivers_probe") Bind(PciAddress.Parse(text), Taker);
        else System.IO.File.WriteAllText(path, text);
    }
}
