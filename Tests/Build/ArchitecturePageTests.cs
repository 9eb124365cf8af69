using System.Text.RegularExpressions;
using PciBus.Agent;
using PciBus.Contracts;
using PciBus.Management;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Build;

/// <summary>docs/architecture.md speaks of what there is.</summary>
public sealed partial class ArchitecturePageTests
{
    private static readonly string Page = File.ReadAllText(Checkout.PathOf("docs", "architecture.md"));

    [Fact]
    public void EveryClassThatItNames_IsThere()
    {
        var types = new[] { typeof(Refusal), typeof(AgentNode), typeof(Command) }.SelectMany(one => one.Assembly.GetTypes()).Select(type => type.Name).ToHashSet();

        Assert.All(Names(ClassName()), name => Assert.True(types.Contains(name) || IsThere(name), name));
    }

    [Fact]
    public void EveryFolderAndFileThatItNames_IsThere() => Assert.All(Names(PathName()), path => Assert.True(IsThere(path), path));

    private static bool IsThere(string path) => new[] { "", "Management" }.Select(root => Checkout.PathOf(root, path))
        .Any(full => Directory.Exists(full) || File.Exists(full));

    private static IEnumerable<string> Names(Regex form) => form.Matches(Page).Select(match => match.Groups[1].Value).Distinct();

    [GeneratedRegex("`([A-Z][A-Za-z]+)`")]
    private static partial Regex ClassName();

    [GeneratedRegex("`([A-Za-z]+/[A-Za-z/.]+)`")]
    private static partial Regex PathName();
}
