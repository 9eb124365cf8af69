using Xunit.v3;

namespace PciBus.Tests.Support;

/// <summary>The test runs in <c>Tests/run --all</c> only.</summary>
/// <param name="why">Why it is not in the gate: what it costs.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class OnlyInAllAttribute(string why) : Attribute, ITraitAttribute
{
    public string Why => why;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Tier", "All")];
}
