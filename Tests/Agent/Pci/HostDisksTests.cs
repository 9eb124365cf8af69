using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;
using Xunit;

namespace PciBus.Tests.Agent.Pci;

/// <summary>The disks that the host lives on are found through all that lies between a mount and a device.</summary>
public sealed class HostDisksTests : IDisposable
{
    private const string Virtual = "devices/virtual/block";

    private readonly PciTree _tree = new();
    private readonly PciAddress _disk;

    public HostDisksTests()
    {
        _disk = _tree.Add("04:00.0", driver: "nvme", classCode: "010802", above: "0000:00:1c.0");
        _tree.Add("05:00.0", above: "0000:00:1d.0");
    }

    [Fact]
    public void MountedDisk_IsOfTheHost()
    {
        Disk();
        Assert.Empty(Uses());

        _tree.Mount("259:1", "/boot/my\\040efi", "vfat", "/dev/nvme0n1");
        Assert.Equal([(_disk, "nvme0n1, mounted at /boot/my efi")], Uses());
    }

    [Fact]
    public void DisksBelowEncryptionAndRaid_AreOfTheHost()
    {
        var second = _tree.Add("06:00.0");
        Disk();
        _tree.AddBlock($"{_tree.FolderOf(second)}/ata1/block", "sda", "8:0");
        _tree.AddBlock(Virtual, "md0", "9:0", "nvme0n1", "sda");
        _tree.AddBlock(Virtual, "dm-0", "253:0", "md0");
        _tree.Mount("253:0", "/", "ext4", "/dev/mapper/root");

        Assert.Equal([_disk, second], Uses().Select(use => use.Function).Order());
        Assert.Contains("dm-0, mounted at /", Uses()[0].What, StringComparison.Ordinal);
    }

    [Fact]
    public void PartitionOfARaid_IsOnItsDisks()
    {
        Disk();
        _tree.AddBlock(Virtual, "md0", "9:0", "nvme0n1");
        _tree.AddBlock($"{Virtual}/md0", "md0p1", "259:7");
        _tree.Put($"{Virtual}/md0/md0p1/partition", "1\n");
        // The kernel says only of whole disks what they are made of.
        Directory.Delete(_tree.Sysfs.FullPath($"{Virtual}/md0/md0p1/slaves"));
        _tree.Mount("259:7", "/", "ext4", "/dev/md0p1");

        Assert.Contains("md0p1, mounted at /", Assert.Single(Uses()).What, StringComparison.Ordinal);
    }

    /// <summary>An NVMe disk that may be reached by several controllers lies below none of them.</summary>
    [Fact]
    public void NvmeDiskOfSeveralControllers_IsOnEachOfThem()
    {
        var second = _tree.Add("07:00.0", driver: "nvme");
        const string subsystem = "devices/virtual/nvme-subsystem/nvme-subsys0";
        _tree.AddBlock(subsystem, "nvme0n1", "259:1");
        _tree.Link($"{subsystem}/nvme0", $"{_tree.FolderOf(_disk)}/nvme/nvme0");
        _tree.Link($"{subsystem}/nvme1", $"{_tree.FolderOf(second)}/nvme/nvme1");
        _tree.Link($"{subsystem}/subsystem", "class/nvme-subsystem");
        _tree.Mount("259:1", "/", "ext4", "/dev/nvme0n1");

        Assert.Equal([_disk, second], Uses().Select(use => use.Function).Order());
    }

    [Fact]
    public void AllDisksOfABtrfs_AreOfTheHost()
    {
        var second = _tree.Add("06:00.0");
        Disk();
        _tree.AddBlock($"{_tree.FolderOf(second)}/ata1/block", "sda", "8:0");
        _tree.Link("fs/btrfs/5d1/devices/nvme0n1", _tree.Sysfs.Resolve("class/block/nvme0n1")!);
        _tree.Link("fs/btrfs/5d1/devices/sda", _tree.Sysfs.Resolve("class/block/sda")!);
        _tree.Mount("0:33", "/", "btrfs", "/dev/sda");

        Assert.Equal([_disk, second], Uses().Select(use => use.Function).Order());
    }

    /// <summary>Beside the folders of file systems there is one of what the module can do.</summary>
    [Fact]
    public void AllDisksOfABtrfs_AreOfTheHost_WhenItsSourceIsEncrypted()
    {
        var second = _tree.Add("06:00.0");
        Disk();
        _tree.AddBlock($"{_tree.FolderOf(second)}/ata1/block", "sda", "8:0");
        _tree.AddBlock(Virtual, "dm-3", "253:3", "nvme0n1");
        _tree.Put($"{Virtual}/dm-3/dm/name", "luks-5d1\n");
        _tree.Put("fs/btrfs/features/raid56", "0\n");
        _tree.Link("fs/btrfs/5d1/devices/dm-3", _tree.Sysfs.Resolve("class/block/dm-3")!);
        _tree.Link("fs/btrfs/5d1/devices/sda", _tree.Sysfs.Resolve("class/block/sda")!);
        _tree.Mount("0:33", "/", "btrfs", "/dev/mapper/luks-5d1");

        Assert.Equal(
            [(_disk, "dm-3, mounted at /; nvme0n1, part of dm-3"), (second, "sda, mounted at /")], Uses().OrderBy(use => use.Function));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("fs/btrfs/5d1/devices/sdz")]
    public void NamedDiskOfABtrfs_IsOfTheHost_WhenTheKernelListsItNowhere(string? other)
    {
        Disk();
        if (other is not null) _tree.Link(other, "devices/virtual/block/sdz");
        _tree.Mount("0:33", "/", "btrfs", "/dev/nvme0n1");

        Assert.Equal([(_disk, "nvme0n1, mounted at /")], Uses());
    }

    [Fact]
    public void DiskThatAnythingElseIsMadeOf_IsOfTheHost_AndSoIsSwap()
    {
        Disk();
        File.WriteAllText(_tree.Proc.FullPath("swaps"), "Filename\tType\tSize\tUsed\tPriority\n/dev/nvme0n1 partition\t1\t0\t-2\n");
        _tree.AddBlock(Virtual, "dm-7", "253:7", "nvme0n1");

        Assert.Equal((_disk, "nvme0n1, swap space; nvme0n1, part of dm-7"), Assert.Single(Uses()));
    }

    [Theory]
    [InlineData("0:31", "zfs", "rpool/ROOT/debian")]
    [InlineData("8:77", "ext4", "/dev/root")]
    [InlineData("0:33", "btrfs", "/dev/mapper/gone")]
    [InlineData("0:33", "btrfs", "/dev/vg0/root")]
    [InlineData("0:33", "bcachefs", "/dev/sda:/dev/sdb")]
    public void AnyDisk_MayBeOfTheHost_WhenItCannotBeTold(string number, string type, string source)
    {
        Disk();
        _tree.Mount(number, "/", type, source);

        Assert.Equal((_disk, $"maybe {source}, mounted at /"), Assert.Single(Uses()));
    }

    [Theory]
    [InlineData("259:1", "ext4", "/dev/nvme0n1")]
    [InlineData("0:33", "btrfs", "/dev/mapper/root")]
    public void AnyControllerOfDisks_MayBeOfTheHost_WhenTheKernelShowsNoDisks(string number, string type, string source)
    {
        _tree.Add("06:00.0", driver: "vfio-pci", classCode: "010802");
        var unknown = _tree.Add("07:00.0");
        File.Delete(_tree.Sysfs.FullPath($"{_tree.FolderOf(unknown)}/class"));
        foreach (var folder in (string[])["class/block", "dev/block"]) Directory.Delete(_tree.Sysfs.FullPath(folder), recursive: true);
        _tree.Mount(number, "/", type, source);

        Assert.Equal(
            [(_disk, $"maybe {source}, mounted at /"), (unknown, $"maybe {source}, mounted at /")], Uses().OrderBy(use => use.Function));
    }

    /// <summary>A file of swap space lies on a file system, which is mounted.</summary>
    [Theory]
    [InlineData("/dev/cciss/c0d0p2", true)]
    [InlineData("/dev/mapper/gone", true)]
    [InlineData("/dev/nvme7n1", true)]
    [InlineData("/var/swap\\040file", false)]
    public void AnyDisk_MayBeOfTheHost_WhenItsSwapSpaceCannotBeFound(string swap, bool isMaybe)
    {
        Disk();
        File.WriteAllText(_tree.Proc.FullPath("swaps"), $"Filename\tType\tSize\tUsed\tPriority\n{swap} partition\t1\t0\t-2\n");

        Assert.Equal(isMaybe ? [(_disk, $"maybe {swap}, swap space")] : [], Uses());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("36 35 259:1 / /\n")]
    [InlineData("36 35 259:1 / / rw,noatime shared:1 - ext4 /dev/nvme0n1\n")]
    [InlineData("36 35 259:1 / / rw,noatime shared:1 - ext4 /dev/nvme0n1 rw rw\n")]
    [InlineData("36 35 259:1 / / rw,noatime shared:1 _ ext4 /dev/nvme0n1 rw\n")]
    public void AnyDisk_MayBeOfTheHost_WhenTheMountsCannotBeRead(string? mounts)
    {
        Disk();
        if (mounts is null) File.Delete(_tree.Proc.FullPath("self/mountinfo"));
        else File.WriteAllText(_tree.Proc.FullPath("self/mountinfo"), mounts);

        Assert.Contains("maybe the list of mounts", Assert.Single(Uses()).What, StringComparison.Ordinal);
    }

    /// <summary>Of what the kernel escapes, a backslash is one; what it never writes stands for itself.</summary>
    [Theory]
    [InlineData("/my\\040disk", "/my disk")]
    [InlineData("/my\\134040disk", "/my\\040disk")]
    [InlineData("/my\\04", "/my\\04")]
    [InlineData("/my\\9xy", "/my\\9xy")]
    public void PlaceOfAMount_IsRead(string written, string at)
    {
        Disk();
        _tree.Mount("259:1", written, "ext4", "/dev/nvme0n1");

        Assert.Equal([(_disk, $"nvme0n1, mounted at {at}")], Uses());
    }

    /// <summary>Disks that are made of each other: no host has them, a folder may.</summary>
    [Fact]
    public void Circle_Ends()
    {
        _tree.AddBlock(Virtual, "dm-1", "253:1");
        _tree.AddBlock(Virtual, "dm-2", "253:2", "dm-1");
        _tree.Link($"{Virtual}/dm-1/slaves/dm-2", $"{Virtual}/dm-2");
        _tree.Mount("253:1", "/", "ext4", "/dev/mapper/a");

        Assert.Empty(Uses());
    }

    public void Dispose() => _tree.Dispose();

    private void Disk() => _tree.AddBlock($"{_tree.FolderOf(_disk)}/nvme/nvme0", "nvme0n1", "259:1");

    private List<(PciAddress Function, string What)> Uses() =>
        [.. HostUses.Read(_tree.Sysfs, _tree.Proc, new Dictionary<string, string>()).Of.Select(use => (use.Key, use.Value))];
}
