using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;
using Xunit;

namespace PciBus.Tests.Agent.Pci;

public sealed class PciUsabilityTests
{
    private static readonly PciAddress First = PciAddress.Parse("06:00.0");
    private static readonly PciAddress Second = PciAddress.Parse("06:00.1");

    private readonly Dictionary<PciAddress, PciFunction> _bus = [];
    private readonly Dictionary<PciAddress, string> _uses = [];
    private readonly HashSet<PciAddress> _toBeBound = [First];

    [Fact]
    public void Device_AloneInItsGroup_MayBeGivenAway()
    {
        Add(First);
        Add(Second, group: 20);
        Assert.Null(WhyNot());
    }

    [Theory]
    [InlineData("060400", "060400")]
    [InlineData(null, "not known")]
    public void Bridge_IsRefused(string? classCode, string named)
    {
        Add(First, function => function with { IsBridge = true, Class = classCode });
        Assert.Equal($"0000:06:00.0 is a bridge (class {named}): take it out of pci.devices", WhyNot());
    }

    [Fact]
    public void DeviceOfTheHost_IsRefused()
    {
        Add(First);
        _uses[First] = "sda2, mounted at /";
        Assert.Equal(
            "the host lives on 0000:06:00.0: it carries sda2, mounted at /; move that off the device, or take the device out of pci.devices",
            WhyNot());
    }

    [Theory]
    [InlineData(0, 2, "(2)")]
    [InlineData(1, 1, "(0000:03:10.0)")]
    [InlineData(2, 2, "(0000:03:10.0, 0000:03:10.1)")]
    [InlineData(3, 7, "(0000:03:10.0, 0000:03:10.1 and 5 more)")]
    [InlineData(3, 0, "(0000:03:10.0, 0000:03:10.1 and 1 more)")]
    public void PhysicalFunction_IsRefused_WhileItHasVirtualFunctions(int listed, int count, string names)
    {
        Add(First, function => function with
        {
            VirtualFunctions = [.. Enumerable.Range(0, listed).Select(number => new PciAddress(0, 3, 0x10, (byte)number))],
            VirtualFunctionCount = count,
        });
        Assert.StartsWith($"0000:06:00.0 has virtual functions {names}, and would take them from their owners: ", WhyNot(), StringComparison.Ordinal);
    }

    [Fact]
    public void Device_IsRefused_WithoutIdentity_WithoutAnswer_AndWithoutGroup()
    {
        Add(First, function => function with { ProductId = null });
        Assert.StartsWith("the kernel does not say what 0000:06:00.0 is", WhyNot(), StringComparison.Ordinal);
        Add(First, function => function with { VendorId = null });
        Assert.StartsWith("the kernel does not say what 0000:06:00.0 is", WhyNot(), StringComparison.Ordinal);
        Add(First, function => function with { Answers = false });
        Assert.Contains("its configuration space is all ff", WhyNot(), StringComparison.Ordinal);
        Add(First, function => function with { IommuGroup = null });
        Assert.Contains("0000:06:00.0 is in no IOMMU group: switch the IOMMU on", WhyNot(), StringComparison.Ordinal);
        Add(First, function => function with { Answers = null });
        Assert.Null(WhyNot());
        Add(First, group: 404);
        Assert.Contains("which devices share it cannot be read", WhyNot(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("e1000e", "which the host uses: it must be in pci.devices as well and come to vfio-pci, or have no driver")]
    [InlineData("vfio", "which the host uses")]
    [InlineData("vfio-pci", null)]
    [InlineData("mlx5_vfio_pci", null)]
    [InlineData("pci-stub", null)]
    [InlineData("pcieport", null)]
    [InlineData(null, null)]
    public void PartnerOfTheGroup_MustNotBeInUseByTheHost(string? driver, string? reason)
    {
        Add(First);
        Add(Second, function => function with { Driver = driver });

        if (reason is null) Assert.Null(WhyNot());
        else Assert.StartsWith($"0000:06:00.0 shares IOMMU group 19 with 0000:06:00.1 (8086:10d3, driver {driver}), {reason}", WhyNot(), StringComparison.Ordinal);
    }

    /// <summary>Both functions of a card, both in pci.devices: neither hinders the other, unless it cannot be bound.</summary>
    [Fact]
    public void PartnerThatIsToBeBound_HindersNobody_UnlessItCannotBe()
    {
        Add(First);
        Add(Second, function => function with { Driver = "e1000e" });
        _toBeBound.Add(Second);
        Assert.Null(WhyNot());

        Add(Second, function => function with { Driver = "igb", VirtualFunctionCount = 1 });
        Assert.Contains("shares IOMMU group 19 with 0000:06:00.1", WhyNot(), StringComparison.Ordinal);
    }

    /// <summary>Whatever its driver says: under vfio-pci nothing of the host can be on it, but what is known to be there counts.</summary>
    [Fact]
    public void PartnerOnWhichTheHostLives_IsNamedWithWhatItCarries()
    {
        Add(First);
        Add(Second, function => function with { Driver = null });
        _uses[Second] = "eth0, which has the host's default route";
        _toBeBound.Add(Second);

        Assert.Contains(
            "with 0000:06:00.1 (8086:10d3, no driver), on which the host lives: it carries eth0, which has the host's default route;",
            WhyNot(),
            StringComparison.Ordinal);
    }

    private string? WhyNot() => new PciUsability(_bus.GetValueOrDefault, Members, () => new HostUses(_uses), _toBeBound).WhyNot(_bus[First]);

    private IReadOnlyList<PciAddress>? Members(int group) =>
        group == 404 ? null : [.. _bus.Values.Where(function => function.IommuGroup == group).Select(function => function.Address)];

    private void Add(PciAddress address, int group) => Add(address, function => function with { IommuGroup = group });

    private void Add(PciAddress address, Func<PciFunction, PciFunction>? but = null)
    {
        var function = new PciFunction
        {
            Address = address,
            VendorId = "8086",
            ProductId = "10d3",
            Class = "020000",
            IommuGroup = 19,
            Answers = true,
            Driver = "e1000e",
        };
        _bus[address] = but?.Invoke(function) ?? function;
    }
}
