using System.Diagnostics;
using PciBus.Agent.Hypervisor;
using PciBus.Contracts.PciDevices;
using Xunit;

namespace PciBus.Tests.Agent.Pci;

public sealed class SysfsPciBusTests : IDisposable
{
    private readonly PciTree _tree = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Function_HasAllThatTheKernelShows()
    {
        var parent = _tree.Add("10000:03:00.0", group: 7, driver: "igb", id: "8086:10c9", above: "0000:00:1c.0");
        var child = _tree.Add("10000:03:10.0", group: 21, driver: "vfio-pci", id: "8086:10ca", above: "0000:00:1c.0");
        _tree.AddVirtualFunction(parent, child, 0);
        _tree.Put($"{_tree.FolderOf(parent)}/config", PciTree.Config(0x0011223344556677));
        _tree.Put($"{_tree.FolderOf(parent)}/numa_node", "1\n");

        var found = _tree.Bus.Find(parent)!;
        Assert.Equal(
            new PciDeviceTO
            {
                Address = parent,
                VendorId = "8086",
                ProductId = "10c9",
                Class = "020000",
                Serial = "00-11-22-33-44-55-66-77",
                IommuGroup = 7,
                NumaNode = 1,
                Driver = "igb",
            },
            found.ToDevice());
        Assert.Equal((1, true, false, true), (found.VirtualFunctionCount, found.CanReset, found.IsBridge, found.Answers));
        Assert.Equal([child], found.VirtualFunctions);
        Assert.Equal(["flr", "bus"], found.ResetMethods);
        Assert.Equal((parent, null), (_tree.Bus.Find(child)!.PhysicalFunction, _tree.Bus.Find(child)!.NumaNode));
        Assert.Equal([parent, child], _tree.Bus.List().Keys.Order());
        Assert.Equal([parent], _tree.Bus.Members(7)!);
    }

    /// <summary>Its own serial number, if it has one, is its card's, as that of all its functions is.</summary>
    [Fact]
    public void VirtualFunction_IsKnownByItsCardAndItsNumber_WhereverItIs()
    {
        foreach (var bus in (string[])["03", "04"])
        {
            var parent = _tree.Add($"{bus}:00.1");
            var first = _tree.Add($"{bus}:10.1");
            var second = _tree.Add($"{bus}:10.3");
            _tree.Put($"{_tree.FolderOf(parent)}/config", PciTree.Config(0x0011223344556677));
            _tree.Put($"{_tree.FolderOf(second)}/config", PciTree.Config(0x0011223344556677));
            _tree.AddVirtualFunction(parent, first, 0);
            _tree.AddVirtualFunction(parent, second, 1);

            Assert.Equal("00-11-22-33-44-55-66-77 pf 1 vf 1", _tree.Bus.Find(second)!.Serial);
            Assert.Equal(
                ["00-11-22-33-44-55-66-77", "00-11-22-33-44-55-66-77 pf 1 vf 0", "00-11-22-33-44-55-66-77 pf 1 vf 1"],
                _tree.Bus.List().Values.Where(function => function.Address.Bus == parent.Bus).OrderBy(function => function.Address)
                    .Select(function => function.Serial));
        }
    }

    /// <summary>The kernel takes the links away one by one, the first one first: the others keep their numbers.</summary>
    [Fact]
    public void VirtualFunction_HasNoSerialNumber_WhileItsCardDoesNotTell()
    {
        var parent = _tree.Add("03:00.0");
        var first = _tree.Add("03:10.0");
        var second = _tree.Add("03:10.2");
        _tree.AddVirtualFunction(parent, first, 0);
        _tree.AddVirtualFunction(parent, second, 1);
        Assert.Null(_tree.Bus.Find(second)!.Serial);

        _tree.Put($"{_tree.FolderOf(parent)}/config", PciTree.Config(0x0011223344556677));
        File.Delete(_tree.Sysfs.FullPath($"{_tree.FolderOf(parent)}/virtfn0"));
        Assert.Equal((null, "00-11-22-33-44-55-66-77 pf 0 vf 1"), (_tree.Bus.Find(first)!.Serial, _tree.Bus.Find(second)!.Serial));
    }

    /// <summary>A list that cannot be read is not an empty list.</summary>
    [Fact]
    public void Bus_IsNotEmpty_WhenItCannotBeRead()
    {
        Assert.Null(_tree.Bus.Find(PciAddress.Parse("28:00.1")));
        Assert.Empty(_tree.Bus.List());

        Directory.Delete(_tree.Sysfs.FullPath("bus"), recursive: true);
        Assert.Throws<HypervisorException>(_tree.Bus.List);
        Assert.Contains(
            "bus/pci/devices cannot be read",
            Assert.Throws<HypervisorException>(() => _tree.Bus.Find(PciAddress.Parse("28:00.1"))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vendor", "")]
    [InlineData("vendor", "8086")]
    [InlineData("vendor", "0x80861")]
    [InlineData("vendor", "0xpqrs")]
    [InlineData("vendor", null)]
    public void Identity_IsNotKnown_WhenTheFileIsNotAsItShouldBe(string file, string? text)
    {
        var address = _tree.Add("28:00.1");
        var path = $"{_tree.FolderOf(address)}/{file}";
        if (text is null) File.Delete(_tree.Sysfs.FullPath(path));
        else _tree.Put(path, text);

        Assert.Null(_tree.Bus.Find(address)!.VendorId);
    }

    /// <summary>A name that no report can show is a driver all the same.</summary>
    [Theory]
    [InlineData("bus/pci/drivers/snd_hda_intel", "snd_hda_intel")]
    [InlineData("bus/pci/drivers/intel ips", "?")]
    [InlineData("bus/pci/drivers/gr\u00fcn", "?")]
    [InlineData("bus/pci/drivers/e1000e\nvfio-pci", "?")]
    [InlineData("bus/pci/drivers/vfio-pci/", "?")]
    [InlineData("bus/pci/drivers/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-vfio-pci", "?")]
    public void Driver_IsNamed_AsFarAsItsNameCanBeShown(string link, string name)
    {
        var address = _tree.Add("28:00.1", driver: null);
        File.CreateSymbolicLink(_tree.Sysfs.FullPath($"{_tree.FolderOf(address)}/driver"), $"../../../{link}");

        Assert.Equal((name, false), (_tree.Bus.Find(address)!.Driver, _tree.Bus.Find(address)!.IsHeldForGuests));
    }

    [Theory]
    [InlineData(null, 0, false)]
    [InlineData(null, 1, true)]
    [InlineData("0x060400", null, true)]
    [InlineData("0x020000", null, false)]
    [InlineData(null, null, false)]
    public void Bridge_IsKnown_ByItsHeaderOrItsClass(string? classCode, int? headerType, bool isBridge)
    {
        var address = _tree.Add("28:00.1");
        var folder = _tree.FolderOf(address);
        foreach (var file in (string[])["class", "config"]) File.Delete(_tree.Sysfs.FullPath($"{folder}/{file}"));
        if (classCode is not null) _tree.Put($"{folder}/class", classCode);
        if (headerType is { } type) _tree.Put($"{folder}/config", PciTree.Config(0, (byte)type));

        var found = _tree.Bus.Find(address)!;
        Assert.Equal((isBridge, classCode?[2..]), (found.IsBridge, found.Class));
    }

    /// <summary>Before Linux 5.15.</summary>
    [Fact]
    public void ResetMethods_AreNotKnown_WhereTheKernelDoesNotSay()
    {
        var address = _tree.Add("28:00.1");
        File.Delete(_tree.Sysfs.FullPath($"{_tree.FolderOf(address)}/reset_method"));

        var found = _tree.Bus.Find(address)!;
        Assert.Empty(found.ResetMethods);
        Assert.True(found.CanReset);
    }

    /// <summary>Unplugged: what was read before is true no more, and what is read after is nothing.</summary>
    [Fact]
    public async Task FunctionThatGoesWhileItIsRead_IsNotThere()
    {
        var address = _tree.Add("28:00.1");
        var file = _tree.Sysfs.FullPath($"{_tree.FolderOf(address)}/reset_method");
        File.Delete(file);
        using (var made = Process.Start("mkfifo", [file])) await made.WaitForExitAsync(Token);
        var going = Task.Run(
            () =>
            {
                // It opens when the other side reads.
                using var pipe = new FileStream(file, FileMode.Open, FileAccess.Write);
                _tree.Remove(address);
                pipe.Write("flr bus\n"u8);
            },
            Token);

        Assert.Null(_tree.Bus.Find(address));
        await going;
        Assert.Empty(_tree.Bus.List());
    }

    [Theory]
    [InlineData("numa_node", "99999999999999999999")]
    [InlineData("numa_node", "1 2")]
    [InlineData("sriov_numvfs", "-1")]
    [InlineData("sriov_numvfs", "many")]
    public void Number_IsNotKnown_WhenItIsNone(string file, string text)
    {
        var address = _tree.Add("28:00.1");
        _tree.Put($"{_tree.FolderOf(address)}/{file}", text);

        Assert.Equal((null, 0), (_tree.Bus.Find(address)!.NumaNode, _tree.Bus.Find(address)!.VirtualFunctionCount));
    }

    [Fact]
    public void HugeFile_IsNotRead()
    {
        var address = _tree.Add("28:00.1");
        _tree.Put($"{_tree.FolderOf(address)}/numa_node", new string('0', 4 << 20));

        Assert.Null(_tree.Bus.Find(address)!.NumaNode);
        Assert.Null(_tree.Sysfs.Text($"{_tree.FolderOf(address)}/numa_node"));
    }

    [Theory]
    [InlineData("../../../../../../../../../etc")]
    [InlineData("/etc")]
    [InlineData("0000:28:00.1")]
    [InlineData("nowhere")]
    [InlineData("../../../bus/pci/drivers/vfio-pci")]
    public void Link_IsNotFollowed_OutOfTheFolder_OrInACircle(string target)
    {
        File.CreateSymbolicLink(_tree.Sysfs.FullPath("bus/pci/devices/0000:28:00.1"), target);

        Assert.Null(_tree.Bus.Find(PciAddress.Parse("28:00.1")));
        Assert.Empty(_tree.Bus.List());
        Assert.Throws<FileNotFoundException>(() => _tree.Sysfs.Write("bus/pci/devices/0000:28:00.1/passwd", "x"));
    }

    [Theory]
    [InlineData("devices/pci0000:00/0000:29:00.0")]
    [InlineData("devices/virtual/net/eth0")]
    public void Link_IsNotFollowed_ToAnotherDevice(string target)
    {
        var other = _tree.Add("29:00.0");
        _tree.Link("bus/pci/devices/0000:28:00.1", target);

        Assert.Null(_tree.Bus.Find(PciAddress.Parse("28:00.1")));
        Assert.Equal([other], _tree.Bus.List().Keys);
    }

    [Fact]
    public void AbsoluteLink_IsFollowed_WithinTheFolder()
    {
        var address = _tree.Add("28:00.1");
        var (link, folder) = (_tree.Sysfs.FullPath("bus/pci/devices/0000:28:00.1"), _tree.FolderOf(address));
        File.Delete(link);
        File.CreateSymbolicLink(link, _tree.Sysfs.FullPath(folder));

        Assert.Equal((folder, "8086"), (_tree.FolderOf(address), _tree.Bus.Find(address)?.VendorId));
    }

    /// <summary>What else may stand in the kernel's list, and what is not written as the kernel writes it.</summary>
    [Theory]
    [InlineData("28:00.1")]
    [InlineData("0000:2A:00.0")]
    [InlineData("0000:28:00.1 ")]
    [InlineData("pci0000:00")]
    public void EntryThatIsNoAddress_IsNoFunction(string entry)
    {
        var address = _tree.Add("29:00.0");
        _tree.Link($"bus/pci/devices/{entry}", $"devices/pci0000:00/{entry}");

        Assert.Equal([address], _tree.Bus.List().Keys);
    }

    [Fact]
    public void FunctionThatIsNoFolder_IsKnownByItsAddressAlone()
    {
        var address = _tree.Add("28:00.1");
        Directory.Delete(_tree.Sysfs.FullPath(_tree.FolderOf(address)), recursive: true);
        _tree.Put("devices/pci0000:00/0000:28:00.1", "");

        var found = _tree.Bus.Find(address)!;
        Assert.Equal((null, null, false, null), (found.VendorId, found.Driver, found.HasVirtualFunctions, found.Answers));
    }

    /// <summary>vfio's group for devices that nothing isolates from the host's memory.</summary>
    [Fact]
    public void Group_IsNone_WhenItIsolatesNothing()
    {
        var address = _tree.Add("28:00.1", group: 0);
        Assert.Equal(0, _tree.Bus.Find(address)!.IommuGroup);

        _tree.Put("kernel/iommu_groups/0/name", "vfio-noiommu\n");
        Assert.Null(_tree.Bus.Find(address)!.IommuGroup);
        Assert.Equal([address], _tree.Bus.Members(0)!);
        // Which is not the same as a group without members.
        Assert.Null(_tree.Bus.Members(1));
    }

    public void Dispose() => _tree.Dispose();
}
