using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;
using Xunit;

namespace PciBus.Tests.Agent.Pci;

/// <summary>A command never touches a device that sits where the one that it means was.</summary>
public sealed class PciDeviceIdentityTests
{
    private const string Serial = "00-1b-21-ff-ff-3a-7c-10";

    private static readonly PciDeviceTO Found =
        new() { Address = PciAddress.Parse("28:00.1"), VendorId = "8086", ProductId = "10ed", Serial = Serial };

    [Theory]
    [InlineData("8086", "10ed", Serial, null)]
    [InlineData("8086", "10ED", "00-1B-21-FF-FF-3A-7C-10", null)]
    [InlineData(null, null, null, null)]
    [InlineData("8086", null, null, null)]
    [InlineData("10de", "1eb8", null, "vendor is 8086, not 10de")]
    [InlineData("8086", "1eb8", Serial, "product is 10ed, not 1eb8")]
    [InlineData("8086", "10ed", "00-1b-21-ff-ff-3a-7c-11", "serial number is 00-1b-21-ff-ff-3a-7c-10, not 00-1b-21-ff-ff-3a-7c-11")]
    public void Device_IsTheOneThatIsMeant_OrItIsSaidWhatDiffers(string? vendor, string? product, string? serial, string? difference)
    {
        var asked = Found with { VendorId = vendor, ProductId = product, Serial = serial };

        Assert.Equal(difference is null ? null : $"PCI device 0000:28:00.1 is another one: {difference}", PciDeviceIdentity.Difference(asked, Found));
    }

    /// <summary>The host cannot tell: it is not given on trust.</summary>
    [Theory]
    [InlineData(null, "10ed", Serial, "vendor is not known, not 8086")]
    [InlineData("8086", null, Serial, "product is not known, not 10ed")]
    [InlineData("8086", "10ed", null, "serial number is not known, not 00-1b-21-ff-ff-3a-7c-10")]
    public void Device_IsAnotherOne_WhenTheHostCannotTell(string? vendor, string? product, string? serial, string difference)
    {
        var found = Found with { VendorId = vendor, ProductId = product, Serial = serial };

        Assert.Equal($"PCI device 0000:28:00.1 is another one: {difference}", PciDeviceIdentity.Difference(Found, found));
    }
}
