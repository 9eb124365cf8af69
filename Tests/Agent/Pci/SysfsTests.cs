using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;
using Xunit;

namespace PciBus.Tests.Agent.Pci;

public sealed class SysfsTests : IDisposable
{
    private readonly SysfsTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void Find_ReadsWhatTheKernelSays()
    {
        var address = _tree.Add("28:00.1", group: 7);
        _tree.File(address, "numa_node", "1\n");

        var found = _tree.Sysfs.Find(address)!;

        Assert.Equal(
            new PciDeviceTO
            {
                Address = address,
                VendorId = "8086",
                ProductId = "10ed",
                Class = "020000",
                Serial = "00-1b-21-ff-ff-a3-b2-c1",
                IommuGroup = 7,
                NumaNode = 1,
                Driver = "ixgbe",
            },
            found.ToDevice());
        Assert.Equal("flr bus", found.ResetMethods);
        Assert.Equal([address], found.GroupMembers);
    }

    [Fact]
    public void Find_LeavesOutWhatIsNotThere()
    {
        var bare = _tree.Sysfs.Find(_tree.Add("28:00.1", driver: null, group: -1))!;

        Assert.Equal((null, null, null), (bare.Driver, bare.IommuGroup, bare.NumaNode));
        Assert.Null(_tree.Sysfs.Find(PciAddress.Parse("28:00.2")));
        Assert.Empty(new Sysfs("/does/not/exist").List());
    }

    [Fact]
    public void Find_KnowsPhysicalAndVirtualFunctions()
    {
        var (physical, first, second) = (_tree.Add("03:00.0"), _tree.Add("03:10.2"), _tree.Add("03:10.0"));
        _tree.AddVirtual(physical, 0, second);
        _tree.AddVirtual(physical, 1, first);

        Assert.Equal([second, first], _tree.Sysfs.Find(physical)!.VirtualFunctions);
        Assert.Equal(physical, _tree.Sysfs.Find(first)!.PhysicalFunction);
        Assert.Equal([physical, second, first], _tree.Sysfs.List().Select(function => function.Address));
    }

    [Fact]
    public void SerialNumber_IsKept_WhileTheDeviceDoesNotTellIt()
    {
        var address = _tree.Add("28:00.1");
        Assert.NotNull(_tree.Sysfs.Find(address)!.Serial);
        _tree.SetConfig(address, 0xffff, 0xffff, ulong.MaxValue);

        Assert.Equal("00-1b-21-ff-ff-a3-b2-c1", _tree.Sysfs.Find(address)!.Serial);
        _tree.File(address, "device", "0x10fb\n");
        Assert.Null(_tree.Sysfs.Find(address)!.Serial);
    }

    [Fact]
    public void SerialNumber_EndsWithARingOfCapabilities()
    {
        var config = new byte[4096];
        BitConverter.TryWriteBytes(config.AsSpan(0x100), (0x100u << 20) | 0x10001);

        Assert.Null(PciSerialNumber.Read(config));
        Assert.Null(PciSerialNumber.Read(config.AsSpan(0, 256)));
        Assert.Null(PciSerialNumber.Read([]));
    }
}
