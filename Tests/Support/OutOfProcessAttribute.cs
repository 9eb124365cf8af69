using Xunit;
using Xunit.v3;

namespace PciBus.Tests.Support;

/// <summary>
/// The test needs a broker, a database server or processes. It runs after all tests that do not, one at a time, and one that fails
/// is run once more, alone. Whatever starts such a thing asks for this attribute.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
internal sealed class OutOfProcessAttribute : Attribute, ITraitAttribute
{
    private const string Name = "Runs";
    private const string Value = "OutOfProcess";

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new(Name, Value)];

    /// <summary>Fails the test that runs now when it does not declare itself.</summary>
    /// <param name="what">What the test is about to start or to use.</param>
    /// <exception cref="InvalidOperationException">The test has no such attribute.</exception>
    public static void Require(string what)
    {
        if (TestContext.Current.TestCase is not { } test) return;
        if (test.Traits.TryGetValue(Name, out var values) && values.Contains(Value)) return;
        throw new InvalidOperationException($"{test.TestCaseDisplayName} uses {what}: give it [OutOfProcess]");
    }
}
