namespace PciBus.Tests.Runner;

/// <summary>A test case that the test program lists.</summary>
/// <param name="Id">By which the test program runs it.</param>
/// <param name="Name">Full name.</param>
/// <param name="Class">Full name of its class.</param>
internal sealed record TestCase(string Id, string Name, string Class)
{
    private const string Root = "PciBus.Tests.";

    /// <summary>The folder under Tests/ that the case lies in: the part of its namespace behind PciBus.Tests.</summary>
    public string Suite => Class.StartsWith(Root, StringComparison.Ordinal) ? Class[Root.Length..].Split('.')[0] : Class;
}
