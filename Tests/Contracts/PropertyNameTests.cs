using PciBus.Contracts.Connection;
using Xunit;

namespace PciBus.Tests.Contracts;

/// <summary>What is said of names that nothing knows.</summary>
public sealed class PropertyNameTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "port", 4)]
    [InlineData("api.port", "api.port", 0)]
    [InlineData("api.prt", "api.port", 1)]
    [InlineData("api.portt", "api.port", 1)]
    [InlineData("api.part", "api.port", 1)]
    [InlineData("api.prot", "api.port", 1)]
    [InlineData("kitten", "sitting", 3)]
    public void Distance_CountsSlips(string from, string to, int slips)
    {
        Assert.Equal(slips, PropertyName.Distance(from, to));
        Assert.Equal(slips, PropertyName.Distance(to, from));
    }

    [Theory]
    [InlineData("ping.timout", "ping.timeout")]
    [InlineData("colours.of.0a1b2c3d-0000", "colour.of.<guid>")]
    public void Nearest_IsTheMostAlike(string name, string nearest) =>
        Assert.Equal(nearest, PropertyName.Nearest(name, ["ping.interval", "ping.timeout", "colour.of.<guid>"]));

    [Theory]
    [InlineData("ping.interval_2-x", "ping.interval_2-x")]
    [InlineData("bus.address:amqp://user:password@host", "bus.address")]
    [InlineData("bus.address amqp://user:password@host", "bus.address")]
    public void Shown_EndsWhereANameDoes(string name, string shown) => Assert.Equal(shown, PropertyName.Shown(name));
}
