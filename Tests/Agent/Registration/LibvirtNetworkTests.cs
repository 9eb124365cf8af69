using PciBus.Agent.Registration;
using Xunit;

namespace PciBus.Tests.Agent.Registration;

/// <summary>What <c>libvirt.network</c> may say.</summary>
public sealed class LibvirtNetworkTests
{
    [Theory]
    [InlineData("bridge:br0", true, "br0")]
    [InlineData("bridge:a-name_of.15-abc", true, "a-name_of.15-abc", false)]
    [InlineData("bridge:fifteen-letters", true, "fifteen-letters")]
    [InlineData("network:default", false, "default")]
    [InlineData("network:longer than an interface", false, "", false)]
    [InlineData("network:longer-than-an-interface", false, "longer-than-an-interface")]
    [InlineData("network:<&>\"'", false, "<&>\"'")]
    [InlineData("bridge:", true, "", false)]
    [InlineData("bridge:.", true, "", false)]
    [InlineData("bridge:..", true, "", false)]
    [InlineData("bridge:../br0", true, "", false)]
    [InlineData("bridge:br 0", true, "", false)]
    [InlineData("bridge:br\t0", true, "", false)]
    [InlineData("bridge:br:0", true, "", false)]
    [InlineData("bridge:br\u00010", true, "", false)]
    [InlineData("bridge:br\u00a00", true, "", false)]
    [InlineData("network:a/b", false, "", false)]
    [InlineData("network:a\0b", false, "", false)]
    [InlineData("br0", true, "", false)]
    [InlineData("Bridge:br0", true, "", false)]
    [InlineData("", true, "", false)]
    public void Text_IsANetwork_OrIsNotAllowed(string text, bool isBridge, string name, bool isAllowed = true)
    {
        var network = LibvirtNetwork.Parse(text);

        Assert.Equal(isAllowed ? new LibvirtNetwork(isBridge, name) : null, network);
        if (isAllowed) Assert.Equal(text, $"{network}");
    }
}
