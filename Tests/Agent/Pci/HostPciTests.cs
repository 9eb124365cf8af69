using PciBus.Contracts.PciDevices;
using Xunit;

namespace PciBus.Tests.Agent.Pci;

/// <summary>Devices are taken from the host's drivers, and reset, and both is looked after.</summary>
public sealed class HostPciTests : IDisposable
{
    private readonly SysfsTree _tree = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Ready_BindsOnce()
    {
        var address = _tree.Add("28:00.1");

        Assert.Null(_tree.Pci.Ready(address, Token));
        Assert.Equal(["driver_override=vfio-pci", "unbind=0000:28:00.1", "drivers_probe=0000:28:00.1"], _tree.Written);
        Assert.Equal("vfio-pci", _tree.Pci.Find(address)!.Driver);
        Assert.Null(_tree.Pci.Ready(address, Token));
        Assert.Equal(3, _tree.Written.Count);
    }

    [Fact]
    public void Ready_BindsOneWithoutDriver_AndNoneThatIsGone()
    {
        Assert.Null(_tree.Pci.Ready(_tree.Add("28:00.1", driver: null), Token));
        Assert.Equal(["driver_override=vfio-pci", "drivers_probe=0000:28:00.1"], _tree.Written);
        Assert.Null(_tree.Pci.Ready(PciAddress.Parse("28:00.2"), Token));
    }

    [Fact]
    public void Ready_TouchesNothingThatTheHostNeeds()
    {
        var address = _tree.Add("28:00.1");
        _tree.AddNetwork(address, "eth0");
        _tree.AddUpper("eth0", "br0");

        Assert.Equal("the host needs it: eth0 is part of br0", _tree.Pci.Ready(address, Token));
        Assert.StartsWith("PCI device 0000:28:00.1 is not reset: the host needs it", _tree.Pci.Reset(address, Token), StringComparison.Ordinal);
        Assert.Empty(_tree.Written);
    }

    [Theory]
    [InlineData(null, "vfio-pci did not take it, and it has no driver now")]
    [InlineData("ixgbe", "vfio-pci did not take it, ixgbe has it")]
    public void Ready_BelievesTheKernelAlone(string? taker, string reason)
    {
        _tree.Taker = taker;

        Assert.StartsWith(reason, _tree.Pci.Ready(_tree.Add("28:00.1"), Token), StringComparison.Ordinal);
    }

    [Fact]
    public void Ready_SaysThatTheModuleIsMissing()
    {
        Directory.Delete(_tree.Sysfs.PathOf("sys/bus/pci/drivers/vfio-pci"));

        Assert.Equal("the kernel has no vfio-pci: load it with modprobe vfio-pci", _tree.Pci.Ready(_tree.Add("28:00.1"), Token));
        Assert.Empty(_tree.Written);
    }

    [Fact]
    public void Reset_IsProbed()
    {
        var address = _tree.Add("28:00.1", driver: "vfio-pci");

        Assert.Null(_tree.Pci.Reset(address, Token));
        Assert.Equal(["reset=1"], _tree.Written);
        _tree.SetConfig(address, 0x8086, 0x10fb);
        Assert.Equal("PCI device 0000:28:00.1 answers as 8086:10fb, and was 8086:10ed", _tree.Pci.Reset(address, Token));
        File.WriteAllBytes(_tree.Sysfs.PathOf(address, "config"), [.. Enumerable.Repeat((byte)0xff, 256)]);
        Assert.Equal("PCI device 0000:28:00.1 does not answer: its config space cannot be read", _tree.Pci.Reset(address, Token));
        File.Delete(_tree.Sysfs.PathOf(address, "config"));
        Assert.Contains("does not answer", _tree.Pci.Reset(address, Token), StringComparison.Ordinal);
    }

    [Fact]
    public void Reset_OfAVirtualFunction_AsksForNoVendor()
    {
        var (physical, function) = (_tree.Add("03:00.0"), _tree.Add("03:10.0", driver: "vfio-pci"));
        _tree.AddVirtual(physical, 0, function);
        _tree.SetConfig(function, 0xffff, 0xffff);

        Assert.Null(_tree.Pci.Reset(function, Token));
    }

    [Fact]
    public void Reset_SaysWhatIsMissing()
    {
        var address = _tree.Add("28:00.1", driver: "vfio-pci");
        File.Delete(_tree.Sysfs.PathOf(address, "reset_method"));
        File.Delete(_tree.Sysfs.PathOf(address, "reset"));

        Assert.Equal("Unable to reset PCI device 0000:28:00.1: no FLR, PM reset or bus reset available", _tree.Pci.Reset(address, Token));
        Assert.Equal("PCI device 0000:28:00.2 is gone", _tree.Pci.Reset(PciAddress.Parse("28:00.2"), Token));
    }

    [Fact]
    public void Group_IsBoundAsAWhole_TheOthersFirst()
    {
        var (ours, partner, idle) = (_tree.Add("06:00.0", group: 19), _tree.Add("06:00.1", group: 19), _tree.Add("06:00.2", group: 19, driver: null));
        _tree.Configure(ours);
        _tree.Configure(partner);

        Assert.Null(_tree.Pci.Ready(ours, Token));
        Assert.Equal(
            ["driver_override=vfio-pci", "unbind=0000:06:00.1", "drivers_probe=0000:06:00.1", "driver_override=vfio-pci", "unbind=0000:06:00.0", "drivers_probe=0000:06:00.0"],
            _tree.Written);
        Assert.Equal("vfio-pci", _tree.Pci.Find(partner)!.Driver);
        Assert.Null(_tree.Pci.Find(idle)!.Driver);
    }

    [Fact]
    public void Group_ThatCannotBeBound_IsNotUsable()
    {
        var (ours, partner) = (_tree.Add("06:00.0", driver: "vfio-pci", group: 19), _tree.Add("06:00.1", group: 19));
        _tree.Configure(ours);
        _tree.Configure(partner);
        _tree.Taker = "ixgbe";

        Assert.Equal("0000:06:00.1 of its IOMMU group 19: vfio-pci did not take it, ixgbe has it", _tree.Pci.Ready(ours, Token));
        Assert.StartsWith("PCI device 0000:06:00.0 is not reset: 0000:06:00.1 of its IOMMU group 19", _tree.Pci.Reset(ours, Token), StringComparison.Ordinal);
        Assert.DoesNotContain("reset=1", _tree.Written);
    }

    [Fact]
    public void GivenUp_ChangesNothing()
    {
        var address = _tree.Add("28:00.1");

        Assert.Throws<OperationCanceledException>(() => _tree.Pci.Ready(address, new CancellationToken(true)));
        Assert.Throws<OperationCanceledException>(() => _tree.Pci.Reset(address, new CancellationToken(true)));
        Assert.Empty(_tree.Written);
    }
}
