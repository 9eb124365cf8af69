using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>
/// The PCI functions that carry disks of the host: those of its mounts and its swap space, below RAID, LVM and encryption, and those that
/// another block device is made of. Where it cannot be told which disks a file system is on, it may be on any.
/// </summary>
internal sealed class HostDisks(KernelFolder sysfs, KernelFolder proc)
{
    private const string Blocks = "class/block";
    private const string StorageClass = "01";
    private const string Unreadable = "the list of mounts, which cannot be read";
    private const string DeviceFolder = "/dev/";

    /// <summary>A host with many containers has thousands of mounts.</summary>
    private const int LongestTable = 4 << 20;

    /// <summary>File systems over several disks, which have no block device of their own.</summary>
    private static readonly string[] Pools = ["btrfs", "zfs", "bcachefs"];

    /// <summary>A disk that is made of disks that are made of disks; deeper than anybody stacks them.</summary>
    private const int Deepest = 16;

    private readonly SysfsPciBus _bus = new(sysfs);

    /// <summary>The functions, with what the host has there.</summary>
    public IReadOnlyList<(PciAddress Function, string What)> Uses()
    {
        var uses = new HashSet<(PciAddress, string)>();
        var unknown = new List<string>();
        // A host has mounts, if only of /proc: an empty list was not read.
        var mounts = MountTable.ReadMounts(proc.Text("self/mountinfo", LongestTable) ?? "");
        if (mounts.Count == 0 || mounts.Contains(null)) unknown.Add(Unreadable);
        foreach (var mount in mounts.OfType<Mount>().DistinctBy(mount => (mount.Device, mount.Source))) Add(mount);
        foreach (var swap in MountTable.ReadSwaps(proc.Text("swaps") ?? "").Where(IsDevice))
        {
            if (Named(swap) is { } device) Use(device, "swap space");
            else unknown.Add($"{swap}, swap space");
        }

        foreach (var name in sysfs.Names(Blocks) ?? [])
        {
            var path = _bus.Device($"{Blocks}/{name}");
            if (path is not null && sysfs.Names($"{path}/holders") is [var holder, ..]) Use(path, $"part of {holder}");
        }

        foreach (var what in unknown) uses.UnionWith(AnyDisks().Select(function => (function, $"maybe {what}")));
        return [.. uses];

        void Add(Mount mount)
        {
            var paths = mount.HasDevice && _bus.Device($"dev/block/{mount.Device}") is { } device ? [device] : Several(mount);
            foreach (var path in paths) Use(path, $"mounted at {mount.At}");
            if (paths.Count == 0 && (mount.HasDevice || Pools.Contains(mount.Type))) unknown.Add($"{mount.Source}, mounted at {mount.At}");
        }

        void Use(string path, string what)
        {
            foreach (var function in Carriers(path)) uses.Add((function, $"{Path.GetFileName(path)}, {what}"));
        }
    }

    /// <summary>The functions that carry disks or may do so, and that guests do not have.</summary>
    private IEnumerable<PciAddress> AnyDisks() => (sysfs.Names(Blocks) ?? [])
        .Select(name => _bus.Device($"{Blocks}/{name}")).OfType<string>().SelectMany(path => Carriers(path))
        .Concat(_bus.List().Values.Where(function => function is { IsHeldForGuests: false }
            && function.Class?.StartsWith(StorageClass, StringComparison.Ordinal) != false).Select(function => function.Address));

    /// <summary>The block devices of a file system without one of its own: of btrfs the kernel lists them.</summary>
    private IReadOnlyList<string> Several(Mount mount)
    {
        if (Named(mount.Source) is not { } one) return [];
        var name = Path.GetFileName(one);
        var pools = (sysfs.Names("fs/btrfs") ?? []).Select(id => $"fs/btrfs/{id}/devices")
            .Select(folder => (sysfs.Names(folder) ?? []).Select(device => $"{folder}/{device}").ToList());
        return pools.FirstOrDefault(devices => devices.Any(device => Path.GetFileName(device) == name)) is { } pool
            ? [.. pool.Select(_bus.Device).OfType<string>()] : [one];
    }

    private static bool IsDevice(string source) => source.StartsWith(DeviceFolder, StringComparison.Ordinal);

    /// <summary>The path of a block device by its name in <c>/dev</c>; null when it is none.</summary>
    private string? Named(string source)
    {
        if (!IsDevice(source)) return null;
        var name = source[DeviceFolder.Length..];
        const string mapped = "mapper/";
        if (name.StartsWith(mapped, StringComparison.Ordinal))
        {
            name = (sysfs.Names(Blocks) ?? []).FirstOrDefault(block => sysfs.Text($"{Blocks}/{block}/dm/name") == name[mapped.Length..]);
        }

        return name is null || name.Contains('/', StringComparison.Ordinal) ? null : _bus.Device($"{Blocks}/{name}");
    }

    /// <summary>The functions that a block device is on, through all that it is made of.</summary>
    private IReadOnlyList<PciAddress> Carriers(string path, int depth = 0)
    {
        if (depth > Deepest) return [];
        if (SysfsPciBus.Carrier(path) is { } function) return [function];
        var parts = Slaves(path);
        // Of a partition the disk knows what it is made of.
        if (parts.Count == 0 && sysfs.Exists($"{path}/partition")) parts = Slaves(path[..path.LastIndexOf('/')]);
        return [.. parts.Concat(Controllers(path)).SelectMany(part => Carriers(part, depth + 1)).Distinct()];
    }

    private IReadOnlyList<string> Slaves(string path) =>
        [.. (sysfs.Names($"{path}/slaves") ?? []).Select(name => _bus.Device($"{path}/slaves/{name}")).OfType<string>()];

    /// <summary>The controllers of an NVMe disk that can be reached by several.</summary>
    private IEnumerable<string> Controllers(string path)
    {
        var parts = path.Split('/');
        var subsystem = Array.IndexOf(parts, "nvme-subsystem") + 1;
        if (subsystem == 0 || subsystem >= parts.Length) return [];
        var folder = string.Join('/', parts[..(subsystem + 1)]);
        return (sysfs.Names(folder) ?? []).Where(name => sysfs.LinkName($"{folder}/{name}") is not null && name.StartsWith(
            "nvme", StringComparison.Ordinal)).Select(name => _bus.Device($"{folder}/{name}")).OfType<string>();
    }
}
