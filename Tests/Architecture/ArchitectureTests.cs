using Xunit;

namespace PciBus.Tests.Architecture;

public sealed class ArchitectureTests
{
    public static IEnumerable<TheoryDataRow<string>> RuleNames => Rules.All.Select(rule => new TheoryDataRow<string>(rule.Name));

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void Product_KeepsTheRule(string name)
    {
        var broken = Named(name).BrokenIn(CodeBase.Product);
        Assert.True(broken.Count == 0, $"{name}:\n{string.Join('\n', broken)}");
    }

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void Rule_CatchesItsCanary(string name)
    {
        var canary = Canary.Of(Rules.All, name);
        Assert.Contains(Named(name).BrokenIn(CodeBase.Canaries), line => line.StartsWith($"{canary} ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Bus.FeedsTheRunner")]
    [InlineData("Hosts.PlainManager")]
    [InlineData("Setup.Embedded.EmbeddedHosts")]
    public void Allowed_BreaksNoRule(string canary) => Assert.DoesNotContain(
        Rules.All.SelectMany(rule => rule.BrokenIn(CodeBase.Canaries)),
        line => line.StartsWith($"{CodeBase.Canaries.ManagementRoot}.{canary} ", StringComparison.Ordinal));

    [Fact]
    public void EveryCapability_IsThere() => Assert.All(
        Areas.Capabilities.Append(Areas.Bus).Append(Areas.Workflows).Append(Areas.Reconciliation),
        area => Assert.Contains(CodeBase.Product.Types, type => Areas.Of(CodeBase.Product, type) == area));

    private static Rule Named(string name) => Rules.All.Single(rule => rule.Name == name);
}
