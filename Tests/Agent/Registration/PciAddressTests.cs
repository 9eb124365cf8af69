using CsCheck;
using PciBus.Contracts.PciDevices;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Agent.Registration;

public sealed class PciAddressTests
{
    [Theory]
    [InlineData("28:00.1", "0000:28:00.1")]
    [InlineData(" 0:28:1F.7 ", "0000:28:1f.7")]
    [InlineData("10000:00:00.0", "10000:00:00.0")]
    [InlineData("ffffffff:ff:1f.7", "ffffffff:ff:1f.7")]
    [InlineData("00000000000:28:00.1", "0000:28:00.1")]
    public void Parse_Normalises(string text, string full) => Assert.Equal(full, PciAddress.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("28")]
    [InlineData("28:00")]
    [InlineData("28:00.1.2")]
    [InlineData("1:2:3:4.5")]
    [InlineData("28:20.0")]
    [InlineData("28:00.8")]
    [InlineData("100:00.0")]
    [InlineData("100000000:28:00.0")]
    [InlineData("28: 0.1")]
    [InlineData("-1:00.0")]
    public void TryParse_RefusesWithAReason(string text)
    {
        Assert.False(PciAddress.TryParse(text, out _, out var reason));
        Assert.NotEmpty(reason);
    }

    [Fact]
    public void Parse_ReadsItsOwnText() =>
        Gen.Select(Gen.UInt, Gen.Byte, Gen.Byte[0, 31], Gen.Byte[0, 7]).Holds(parts =>
        {
            var (domain, bus, slot, function) = parts;
            var address = new PciAddress(domain, bus, slot, function);
            return PciAddress.Parse(address.ToString()) == address;
        });
}
