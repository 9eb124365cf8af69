using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;
using Xunit;

namespace PciBus.Tests.Agent.Pci;

/// <summary>The cards that the host lives on are found through all that lies between a route, or an address, and a device.</summary>
public sealed class HostInterfacesTests : IDisposable
{
    private readonly PciTree _tree = new();
    private readonly PciAddress _card;

    public HostInterfacesTests()
    {
        _tree.Add("04:00.0", driver: "nvme", classCode: "010802", above: "0000:00:1c.0");
        _card = _tree.Add("05:00.0", above: "0000:00:1d.0");
    }

    [Fact]
    public void InterfaceOfTheHost_IsFoundBelowBridgeBondAndVlan()
    {
        _tree.AddInterface($"{_tree.FolderOf(_card)}/net", "eth0");
        _tree.AddInterface("devices/virtual/net", "bond0", "eth0");
        _tree.AddInterface("devices/virtual/net", "bond0.7", "bond0");
        _tree.AddInterface("devices/virtual/net", "br0", "bond0.7");

        Assert.Equal([(_card, "eth0, the reason")], Uses("eth0"));
        Assert.Equal([(_card, "eth0 of br0, the reason")], Uses("br0"));
        _tree.AddInterface("devices/virtual/net", "lo");
        Assert.Empty(Uses("lo"));
    }

    /// <summary>While it is renamed, say: the bridge names it as it was, and the list of interfaces as it is.</summary>
    [Fact]
    public void AnyCard_MayBeOfTheHost_WhenAnInterfaceBelowIsNotShown()
    {
        _tree.AddInterface($"{_tree.FolderOf(_card)}/net", "eth0");
        _tree.AddInterface("devices/virtual/net", "br0", "eth0");
        File.Delete(_tree.Sysfs.FullPath("class/net/eth0"));

        Assert.Equal([(_card, "maybe br0, the reason")], Uses("br0"));
    }

    /// <summary>Interfaces that are made of each other: no host has them, a folder may.</summary>
    [Fact]
    public void CircleOfInterfaces_Ends()
    {
        _tree.AddInterface("devices/virtual/net", "br1");
        _tree.AddInterface("devices/virtual/net", "br2", "br1");
        _tree.Link("devices/virtual/net/br1/lower_br2", "devices/virtual/net/br2");

        Assert.Empty(Uses("br1"));
    }

    [Theory]
    [InlineData("wlan0")]
    [InlineData("../block")]
    [InlineData("broken")]
    public void AnyCard_MayBeOfTheHost_WhenItsInterfaceIsNotShown(string name)
    {
        _tree.AddInterface($"{_tree.FolderOf(_card)}/net", "eth0");
        File.CreateSymbolicLink(_tree.Sysfs.FullPath("class/net/broken"), "nowhere");

        Assert.Equal([(_card, $"maybe {name}, the reason")], Uses(name));
    }

    [Fact]
    public void InterfaceOfOpenVSwitch_MayBeOnAnyOfItsPorts()
    {
        _tree.AddInterface($"{_tree.FolderOf(_card)}/net", "eth0");
        _tree.AddInterface("devices/virtual/net", "ovs-system");
        _tree.AddInterface("devices/virtual/net", "br-ex");
        _tree.Link($"{_tree.FolderOf(_card)}/net/eth0/master", "devices/virtual/net/ovs-system");

        Assert.Equal([(_card, "eth0 of br-ex, the reason")], Uses("br-ex"));
    }

    [Fact]
    public void DefaultRoutes_AreRead()
    {
        const string v4 = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\n"
            + "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
            + "eth1\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
        const string v6 = "fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001 eth1\n"
            + "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000003 00000000 00000003     br0\n"
            + "00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n";

        Assert.Equal(["eth0", "br0"], ManagementInterfaces.DefaultRoutes(v4, v6));
        Assert.Empty(ManagementInterfaces.DefaultRoutes("", "garbage\n\n 1 2"));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("192.0.2.254", false)]
    [InlineData("lo")]
    public void GivenAddress_NamesItsInterface(string given, bool isThere = true)
    {
        var found = ManagementInterfaces.Find(_tree.Proc, [given]);

        Assert.Equal(isThere ? ["lo"] : [], found.Keys);
        Assert.All(found.Values, reason => Assert.StartsWith("which has the host's address ", reason, StringComparison.Ordinal));
    }

    public void Dispose() => _tree.Dispose();

    private List<(PciAddress Function, string What)> Uses(string management) =>
        [.. HostUses.Read(_tree.Sysfs, _tree.Proc, new Dictionary<string, string> { [management] = "the reason" }).Of.Select(use => (use.Key, use.Value))];
}
