using CsCheck;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Agent.Registration;

public sealed class PciDevicesParserTests
{
    private static readonly Gen<PciAddress> Addresses = Gen.Select(
        Gen.UInt, Gen.Byte, Gen.Byte[0, 31], Gen.Byte[0, 7],
        (domain, bus, slot, function) => new PciAddress(domain, bus, slot, function));

    private static readonly Gen<string> Names = Gen.String[Gen.Char.AlphaNumeric, 1, 64];

    [Fact]
    public void Parse_ReadsTheLineOfTheMail()
    {
        var (good, bad) = Parse(
            "28:00.1|10GE,28:00.2|10GE,28:00.3|10GE,28:00.4|10GE,28:00.5|10GE,28:00.6|10GE,28:00.7|10GE,28:01.0|10GE");

        Assert.Empty(bad);
        Assert.Equal(8, good.Count);
        Assert.Equal(new PciDeviceEntry(new PciAddress(0, 0x28, 1, 0), "10GE"), good[^1]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public void Parse_GivesNone_WhenTheValueIsEmpty(string value)
    {
        var (good, bad) = Parse(value);

        Assert.Empty(good);
        Assert.Empty(bad);
    }

    [Fact]
    public void Parse_KeepsTheFirst_WhenAnAddressIsGivenTwice()
    {
        var (good, bad) = Parse("28:00.1|A, 0000:28:00.1 | B");

        Assert.Equal("A", Assert.Single(good).Name);
        var twice = Assert.Single(bad);
        Assert.Equal(("0000:28:00.1 | B", 2), (twice.Entry, twice.Position));
        Assert.Contains("entry 1", twice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_ServesAnAddress_WhoseFirstEntryWasBad()
    {
        var (good, bad) = Parse("28:00.1|,28:00.1|A");

        Assert.Equal("A", Assert.Single(good).Name);
        Assert.Equal(1, Assert.Single(bad).Position);
    }

    [Theory]
    [InlineData("hello|A", "not a PCI address")]
    [InlineData("28:20.0|A", "slot")]
    [InlineData("28:1f.8|A", "function")]
    [InlineData("28:00.1", "name is missing")]
    [InlineData("28:00.1| ", "name is missing")]
    [InlineData("28:00.1|A|B", "contains a |")]
    [InlineData("28:00.1|aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "65 characters")]
    public void Parse_SaysWhy_AndServesTheOthers(string entry, string reason)
    {
        var (good, bad) = Parse($"29:00.0|Good,{entry},10000:29:00.0|Good");

        Assert.Equal(2, good.Count);
        Assert.Equal(0x10000u, good[1].Address.Domain);
        var only = Assert.Single(bad);
        Assert.Equal((entry.Trim(), 2), (only.Entry, only.Position));
        Assert.Contains(reason, only.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_CountsEmptyEntries_AsBad()
    {
        var (good, bad) = Parse("28:00.1|A,,28:00.2|B,");

        Assert.Equal(2, good.Count);
        Assert.Equal([2, 4], bad.Select(entry => entry.Position));
    }

    [Fact]
    public void Parse_GivesBackWhatWasWritten() =>
        Gen.Select(Addresses, Names, (address, name) => new PciDeviceEntry(address, name)).List[0, 20].Holds(written =>
        {
            var unique = written.DistinctBy(entry => entry.Address).ToList();
            var (good, bad) = Parse(string.Join(" , ", unique.Select(entry => $"{entry.Address} | {entry.Name}")));
            return bad.Count == 0 && good.SequenceEqual(unique);
        });

    [Fact]
    public void Parse_NeverThrows_AndLosesNoEntry() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["0123456789abcdefg:.|, "], 0, 80]).Holds(text =>
        {
            var list = PciDevicesParser.Parse(text);
            var entries = string.IsNullOrWhiteSpace(text) ? 0 : text.Count(character => character == ',') + 1;
            return list.Devices!.Count + list.Patterns.Count + list.Bad.Count == entries && list.Bad.All(entry => entry.Reason.Length > 0);
        });

    private static (IReadOnlyList<PciDeviceEntry> Good, IReadOnlyList<BadPciDeviceEntry> Bad) Parse(string value)
    {
        var list = PciDevicesParser.Parse(value);
        return (list.Devices!, list.Bad);
    }
}
