using PciBus.Agent.Pci;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using Xunit;

namespace PciBus.Tests.Agent.Pci;

/// <summary>Entries of <c>pci.devices</c> that stand for many devices.</summary>
public sealed class PciPatternTests
{
    private static readonly IReadOnlyList<PciFunction> Bus =
    [
        Function("0000:00:1c.0", "8086", "10ed", "060400"),
        Function("0000:28:00.0", "8086", "10ED"),
        Function("0000:28:00.1", "8086", "10ed"),
        Function("0000:28:1f.7", "10de", "1eb8", "030200"),
        Function("0001:28:00.0", "8086", "1572"),
    ];

    [Theory]
    [InlineData("0000:28:*.*|A", "0000:28:00.0 0000:28:00.1 0000:28:1f.7")]
    [InlineData("28:*.*|A", "0000:28:00.0 0000:28:00.1 0000:28:1f.7")]
    [InlineData("*:28:00.0|A", "0000:28:00.0 0001:28:00.0")]
    [InlineData("*:*:*.*|A", "0000:28:00.0 0000:28:00.1 0000:28:1f.7 0001:28:00.0")]
    [InlineData("28:00.* | A", "0000:28:00.0 0000:28:00.1")]
    [InlineData("8086:10ed|A", "0000:28:00.0 0000:28:00.1")]
    [InlineData("8086:10ED|A", "0000:28:00.0 0000:28:00.1")]
    public void Pattern_MeansEachEndpointThatMatches(string entry, string addresses)
    {
        var (good, bad) = PciDevicesParser.Parse(entry, Bus);

        Assert.Empty(bad);
        Assert.Equal(addresses, string.Join(' ', good.Select(device => device.Address)));
        Assert.All(good, device => Assert.Equal(("A", 1), (device.Name, device.Position)));
    }

    [Theory]
    [InlineData("29:*.*|A", "the host has no such device")]
    [InlineData("1234:5678|A", "the host has no such device")]
    [InlineData("8086:10e|A", "is neither an address")]
    [InlineData("28:00|A", "is neither an address")]
    [InlineData("8086:*|A", "is neither an address")]
    [InlineData("2*:00.0|A", "a * stands for a whole part of the address")]
    [InlineData("28:*.9|A", "function")]
    [InlineData("*|A", "is neither an address")]
    [InlineData("28:*.*", "the name is missing")]
    public void Pattern_SaysWhy_AndServesTheOthers(string entry, string reason)
    {
        var (good, bad) = PciDevicesParser.Parse($"{entry},28:00.1|B", Bus);

        Assert.Equal("B", Assert.Single(good).Name);
        var only = Assert.Single(bad);
        Assert.Equal((entry, 1), (only.Entry, only.Position));
        Assert.Contains(reason, only.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Address_WinsOverAPattern_AndOfPatternsTheFirst()
    {
        var (good, bad) = PciDevicesParser.Parse("28:00.*|A,8086:10ed|B,28:00.1|C", Bus);

        Assert.Empty(bad);
        Assert.Equal(["0000:28:00.0 A 1", "0000:28:00.1 C 3"], good.Select(device => $"{device.Address} {device.Name} {device.Position}"));
    }

    [Fact]
    public void Pattern_NeedsABusToLookAt()
    {
        var (good, bad) = PciDevicesParser.Parse("28:*.*|A");

        Assert.Empty(good);
        Assert.Equal("patterns are for hosts with hypervisor.type=kvm, whose devices can be looked at", Assert.Single(bad).Reason);
    }

    private static PciFunction Function(string address, string vendor, string product, string code = "020000") =>
        new(PciAddress.Parse(address), vendor, product, code);
}
