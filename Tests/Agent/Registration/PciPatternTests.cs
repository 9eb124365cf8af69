using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using Xunit;

namespace PciBus.Tests.Agent.Registration;

/// <summary>Patterns in pci.devices, and the devices of a host that they mean.</summary>
public sealed class PciPatternTests
{
    private static readonly PciDeviceTO[] Host =
    [
        Device("0000:00:1c.0", "8086:8c10", "060400"),
        Device("0000:28:00.0", "8086:10ed"),
        Device("0000:28:00.1", "8086:10ed"),
        Device("0000:28:01.0", "10de:1eb8", "030000"),
        Device("0000:29:00.0", "8086:10c9"),
        Device("0000:29:10.0", "8086:10ca") with { PhysicalFunction = PciAddress.Parse("29:00.0") },
        Device("10000:28:00.0", "8086:10ed"),
    ];

    [Theory]
    [InlineData("28:00.*|A", "0000:28:00.0 0000:28:00.1")]
    [InlineData(" 0000:28:*.* | A", "0000:28:00.0 0000:28:00.1 0000:28:01.0")]
    [InlineData("*:28:00.0|A", "0000:28:00.0 10000:28:00.0")]
    [InlineData("28:*.0|A", "0000:28:00.0 0000:28:01.0")]
    [InlineData("8086:10ED|A", "0000:28:00.0 0000:28:00.1 10000:28:00.0")]
    [InlineData("*:29:*.*|A", "0000:29:10.0")] // not the physical function, whose virtual function would go with it
    [InlineData("*:*.*|A", "0000:28:00.0 0000:28:00.1 0000:28:01.0 0000:29:10.0")] // no bridge
    [InlineData("8086:10c9|A", "")]
    [InlineData("8086:8c10|A", "")]
    [InlineData("2a:*.*|A", "")]
    public void Pattern_Means(string list, string addresses)
    {
        var expanded = Expand(list);

        Assert.Equal(addresses, string.Join(' ', expanded.Devices!.Select(entry => entry.Address)));
        Assert.Empty(expanded.Bad);
        Assert.Equal(addresses.Length == 0, expanded.Warnings.Count == 1);
        Assert.All(expanded.Devices!, entry => Assert.Equal(("A", list.Split('|')[0].Trim()), (entry.Name, entry.Pattern)));
    }

    [Theory]
    [InlineData("2*:00.0|A", "matches nothing: bus \"2*\" is not hexadecimal; a pattern is an address in which a * stands for a whole part")]
    [InlineData("28:*|A", "\"28:*\" matches nothing: a pattern is an address in which")]
    [InlineData("*|A", "\"*\" matches nothing")]
    [InlineData("28:20.*|A", "slot 20 is above 1f")]
    [InlineData("8086:*|A", "matches nothing")]
    [InlineData("28:*.*", "the name is missing")]
    [InlineData("8086:10ed|", "the name is missing")]
    public void BadPattern_SaysWhy_AndSpoilsNothing(string entry, string reason)
    {
        var list = PciDevicesParser.Parse($"28:00.0|Good,{entry}");

        Assert.Equal("Good", Assert.Single(list.Devices!).Name);
        Assert.Empty(list.Patterns);
        var bad = Assert.Single(list.Bad);
        Assert.Equal((entry, 2), (bad.Entry, bad.Position));
        Assert.Contains(reason, bad.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void EntryOfItsOwn_WinsOverAPattern_WhereverItStands()
    {
        var expanded = Expand("28:*.*|A,28:00.1|B,8086:10ed|A");

        Assert.Equal(
            ["0000:28:00.1 B ", "0000:28:00.0 A 28:*.*", "0000:28:01.0 A 28:*.*", "10000:28:00.0 A 8086:10ed"],
            expanded.Devices!.Select(entry => $"{entry.Address} {entry.Name} {entry.Pattern}"));
        Assert.Empty(expanded.Bad);
    }

    [Fact]
    public void TwoPatterns_WithTwoNames_ServeNeither()
    {
        var expanded = Expand("28:*.*|A,8086:10ed|B");

        Assert.Equal(["0000:28:01.0 A", "10000:28:00.0 B"], expanded.Devices!.Select(entry => $"{entry.Address} {entry.Name}"));
        var bad = Assert.Single(expanded.Bad);
        Assert.Equal(("8086:10ed|B", 2), (bad.Entry, bad.Position));
        Assert.Equal("it and entry 1 \"28:*.*|A\" give 0000:28:00.0 (and 1 more) two names: give it an entry of its own", bad.Reason);
    }

    [Fact]
    public void PatternThatMeansNothing_IsNamed() =>
        Assert.Equal(["pci.devices entry 2 \"2a:*.*|B\" means no device of this host"], Expand("28:00.1|A,2a:*.*|B").Warnings);

    /// <summary>As Agent check looks at a file without pci.devices.</summary>
    [Fact]
    public void ListThatCouldNotBeRead_StaysUnknown()
    {
        var expanded = PciPatternExpansion.Expand(new PciDeviceList(null, [], ["agent.properties has no key pci.devices"]), Host);

        Assert.Null(expanded.Devices);
        Assert.Empty(expanded.Bad);
        Assert.Equal(["agent.properties has no key pci.devices"], expanded.Warnings);
    }

    private static PciDeviceList Expand(string list) => PciPatternExpansion.Expand(PciDevicesParser.Parse(list), Host);

    private static PciDeviceTO Device(string address, string id, string classCode = "020000") =>
        new() { Address = PciAddress.Parse(address), VendorId = id[..4], ProductId = id[5..], Class = classCode };
}
