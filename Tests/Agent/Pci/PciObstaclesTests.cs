using System.Net;
using PciBus.Contracts.PciDevices;
using Xunit;

namespace PciBus.Tests.Agent.Pci;

/// <summary>What is never handed out, and what the operator reads about it.</summary>
public sealed class PciObstaclesTests : IDisposable
{
    private readonly SysfsTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Endpoint_OfItsOwnGroup_HasNone()
    {
        var address = _tree.Add("28:00.1");
        _tree.AddNetwork(address, "eth1");
        _tree.Addresses["eth1"] = [IPAddress.Parse("fe80::1")];

        Assert.Null(_tree.Pci.ObstacleOf(address));
        Assert.Null(_tree.Pci.ObstacleOf(PciAddress.Parse("99:00.0")));
    }

    [Fact]
    public void Bridge_AndOneWithoutIommu_AreNot()
    {
        Says("it is a bridge (class 060400)", _tree.Add("00:1c.0", code: "060400", driver: "pcieport"));
        Says("it has no IOMMU group: turn the IOMMU on", _tree.Add("28:00.1", group: -1));
    }

    [Fact]
    public void PhysicalFunction_WithVirtualOnes_IsNot_AndTheyAre()
    {
        var (physical, function) = (_tree.Add("03:00.0"), _tree.Add("03:10.0", driver: "vfio-pci"));
        _tree.AddVirtual(physical, 0, function);

        Says("its 1 virtual functions (0000:03:10.0, ...) would vanish", physical);
        Assert.Null(_tree.Pci.ObstacleOf(function));
    }

    [Theory]
    [InlineData("29 1 8:1 / /root rw,relatime shared:1 - ext4 /dev/root rw", "sda is mounted on /root")]
    [InlineData("29 1 8:11 / /boot rw,relatime - ext4 /dev/sda1 rw", "sda1 is mounted on /boot")]
    [InlineData("29 1 0:42 / /srv rw,relatime shared:1 master:2 - btrfs /dev/sda1 rw", "sda1 is mounted on /srv")]
    public void MountedDisk_IsNot(string mount, string reason)
    {
        var address = _tree.Add("00:1f.2", driver: "ahci", code: "010601");
        _tree.AddDisk(address, "sda", "8:1");
        _tree.Mount("28 1 0:30 / / rw - overlay overlay rw", mount);

        Says($"the host needs it: {reason}", address);
        Assert.Null(_tree.Pci.ObstacleOf(_tree.Add("00:1f.3")));
    }

    [Fact]
    public void SwapOrPartOfAVolume_IsNot()
    {
        var (swap, volume) = (_tree.Add("01:00.0"), _tree.Add("02:00.0"));
        _tree.AddDisk(swap, "nvme0n1", "259:0");
        _tree.AddDisk(volume, "nvme1n1", "259:5");
        _tree.File("proc/swaps", "Filename Type Size Used Priority\n/dev/nvme0n1 partition 1 0 -2\n");
        _tree.Folder("sys/class/block/nvme1n1/holders/dm-0");

        Says("the host needs it: nvme0n1 is its swap", swap);
        Says("the host needs it: nvme1n1 is part of dm-0", volume);
    }

    /// <summary>What ZFS, or NVMe with many paths, has of a disk is not to be seen below its controller.</summary>
    [Fact]
    public void StorageController_IsNot_WhileTheHostDrivesIt()
    {
        Says(
            "it is a storage controller that the host drives with nvme: give it to vfio-pci yourself, when the host boots",
            _tree.Add("01:00.0", driver: "nvme", code: "010802"));
        Assert.Null(_tree.Pci.ObstacleOf(_tree.Add("02:00.0", driver: "vfio-pci", code: "010802")));
    }

    /// <summary>A root on ZFS, on btrfs over many disks, on NVMe with many paths: the list of mounts does not name this disk.</summary>
    [Theory]
    [InlineData("29 1 0:27 / / rw - zfs rpool/ROOT/debian rw")]
    [InlineData("29 1 0:42 / / rw - btrfs /dev/sdb1 rw")]
    [InlineData("29 1 259:7 / / rw - ext4 /dev/nvme0n1p2 rw")]
    public void DiskThatNoMountNames_IsNot(string root)
    {
        var (controller, path, usb) = (
            _tree.Add("01:00.0", driver: "ahci", code: "010601"), _tree.Add("02:00.0", driver: "nvme", code: "010802"), _tree.Add("03:00.0", driver: "xhci_hcd", code: "0c0330"));
        _tree.AddDisk(controller, "sda", "8:1");
        _tree.AddDisk(path, "nvme0c1n1", "259:3");
        _tree.AddDisk(usb, "sdc", "8:32");
        _tree.Mount(root);

        Says("it is a storage controller that the host drives with ahci", controller);
        Says("it is a storage controller that the host drives with nvme", path);
        Says("the host has the disk sdc on it", usb);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("20 1 0:5 / /dev rw - devtmpfs udev rw\nhalf a line")]
    public void WhereMountsCannotBeRead_NoStorageControllerIsTaken(string? mounts)
    {
        var (driven, idle) = (_tree.Add("01:00.0", driver: "nvme", code: "010802"), _tree.Add("02:00.0", driver: null, code: "010601"));
        Assert.Null(_tree.Pci.ObstacleOf(idle));
        if (mounts is null) File.Delete(_tree.Sysfs.PathOf("proc/self/mountinfo"));
        else _tree.File("proc/self/mountinfo", mounts);

        Says("the host needs it: what is mounted cannot be read", driven);
        Says("the host needs it: what is mounted cannot be read", idle);
        Assert.Null(_tree.Pci.ObstacleOf(_tree.Add("03:00.0")));
    }

    [Fact]
    public void WhereDisksCannotBeRead_NoStorageControllerIsTaken()
    {
        Directory.Delete(_tree.Sysfs.PathOf("sys/class/block"));

        Says("the host needs it: which disks it has cannot be read", _tree.Add("01:00.0", driver: null, code: "010601"));
    }

    [Fact]
    public void WhatTheHostHasNeeded_StaysSo()
    {
        var address = _tree.Add("05:00.0");
        _tree.AddNetwork(address, "eth0", isUp: true);
        _tree.Addresses["eth0"] = [IPAddress.Parse("10.0.0.1")];
        Says("the host needs it: eth0 has its address 10.0.0.1", address);

        _tree.Addresses["eth0"] = [];
        Says("the host has needed it since the agent started: eth0 has its address 10.0.0.1; restart the agent", address);
        Assert.Equal(_tree.Pci.ObstacleOf(address), _tree.Pci.Ready(address, TestContext.Current.CancellationToken));
        Assert.Empty(_tree.Written);
        _tree.Bind(address, "vfio-pci");
        Assert.Null(_tree.Pci.ObstacleOf(address));
    }

    [Fact]
    public void Pattern_TakesNoInterfaceThatIsUp_AndNoStorageController()
    {
        var (up, down, unknown, disk) = (_tree.Add("05:00.0"), _tree.Add("06:00.0"), _tree.Add("07:00.0"), _tree.Add("08:00.0", driver: null, code: "010802"));
        _tree.AddNetwork(up, "eth0", isUp: true);
        _tree.AddNetwork(down, "eth1");
        _tree.AddNetwork(unknown, "eth2");
        File.Delete(_tree.Sysfs.PathOf("sys/class/net/eth2/flags"));
        foreach (var address in new[] { up, down, unknown, disk })
        {
            Assert.Null(_tree.Pci.ObstacleOf(address));
            _tree.Configure(address, byPattern: true);
        }

        Says("eth0 is up, and a pattern does not take it: write its address out", up);
        Says("eth2 is up", unknown);
        Says("it is a storage controller, which a pattern does not take", disk);
        Assert.Null(_tree.Pci.ObstacleOf(down));
        _tree.Bind(up, "vfio-pci");
        Assert.Null(_tree.Pci.ObstacleOf(up));
    }

    [Fact]
    public void AddressesThatCannotBeRead_AreThere()
    {
        var address = _tree.Add("05:00.0");
        _tree.AddNetwork(address, "eth0");
        _tree.Addresses.Remove("eth0");
        _tree.Unreadable.Add("eth0");

        Says("the host needs it: the addresses of eth0 cannot be read", address);
    }

    [Fact]
    public void CarrierOfAnAddress_IsNot_DirectlyOrThroughABridge()
    {
        var (direct, port, bare) = (_tree.Add("05:00.0"), _tree.Add("06:00.0"), _tree.Add("07:00.0"));
        _tree.AddNetwork(direct, "eth0");
        _tree.AddNetwork(port, "eth1");
        _tree.AddNetwork(bare, "eth2");
        _tree.AddUpper("eth1", "bond0");
        _tree.AddUpper("bond0", "br0");
        _tree.AddUpper("eth2", "br1");
        (_tree.Addresses["eth0"], _tree.Addresses["br0"]) = ([IPAddress.Parse("10.0.0.1")], [IPAddress.Parse("fd00::1")]);

        Says("the host needs it: eth0 has its address 10.0.0.1", direct);
        Says("the host needs it: eth1 is part of br0, which has its address fd00::1", port);
        Says("the host needs it: eth2 is part of br1", bare);
    }

    [Fact]
    public void SharedGroup_IsNot_UnlessItsOtherMembersAreOursOrIdle()
    {
        var (ours, partner) = (_tree.Add("06:00.0", group: 19), _tree.Add("06:00.1", group: 19));
        _tree.Add("06:00.2", group: 19, driver: null);
        _tree.Add("00:01.0", group: 19, driver: "pcieport", code: "060400");
        _tree.Configure(ours);

        Says("it shares IOMMU group 19 with 0000:06:00.1, which the host drives with ixgbe", ours);
        _tree.Configure(partner);
        Assert.Null(_tree.Pci.ObstacleOf(ours));
        _tree.AddNetwork(partner, "eth0");
        _tree.Addresses["eth0"] = [IPAddress.Parse("10.0.0.1")];
        Says("it shares IOMMU group 19", ours);
        _tree.Bind(partner, "vfio-pci");
        Assert.Null(_tree.Pci.ObstacleOf(ours));
    }

    private void Says(string reason, PciAddress address) => Assert.StartsWith(reason, _tree.Pci.ObstacleOf(address), StringComparison.Ordinal);
}
