using PciBus.Management.Api.Signing;
using Xunit;

namespace PciBus.Tests.Api.Signing;

/// <summary>
/// Signatures that were made elsewhere: the worked example of CloudStack's documentation, and others by openssl over what
/// each client writes down.
/// </summary>
public sealed class RequestSignatureTests
{
    private const string SecretKey = "VDaACYb0LV9eNjTetIOElcVQkvJck_J_QljX_FcHRj87ZKiy0z0ty0ZsYBkoXkY9b7eq1EhwJaw7FF3akA3KBQ";

    /// <summary>Everything in which clients differ.</summary>
    private static readonly (string, string)[] Awkward =
    [
        ("command", "registerTemplate"), ("apiKey", "key-1"), ("response", "json"), ("name", "a~b*c d+e/ü[x]"),
        ("displayText", "it's (new)!"), ("details[0].cpuNumber", "2"), ("Zone", "1"), ("ids", "x"), ("id", "y"),
    ];

    [Fact]
    public void The_example_of_the_documentation_is_valid() => Assert.True(IsSigned(
        "TTpdDq/7j/J58XCRHomKoQXEQds=",
        ("apikey", "plgWJfZK4gyS3mOMTVmjUVg-X-jlWlnfaUJ9GAbBbf9EdM-kAYMmAiLqzzq1ElZLYq_u38zCm0bewzGUdP66mg"),
        ("command", "listUsers"),
        ("response", "json")));

    [Theory]
    [InlineData("CloudStack itself", "r4wMIxUBxZQm1bStj7fHHDqHS78=")]
    [InlineData("cs, cmk", "MuFuf5ehpFudvj0HFT/uT9GUM70=")]
    [InlineData("Libcloud", "N3oR9sX4HcNmqF5fK6M0qpVrVWs=")]
    [InlineData("Libcloud on an old Python", "L2zc+MmaD938G9s9geFFUoD78d4=")]
    [InlineData("cloudstack-go", "WXRC5f+lQGjNxN/GJE11H44mZJA=")]
    [InlineData("names encoded", "qQLRRw7HbUNhmf791/BVeXeCN/4=")]
    [InlineData("everything encoded", "4Ji36Lirfd1sqiLPhZUCm9ob7Os=")]
    [InlineData("a space as a plus", "y9gBQrc7uNuTw3ZcZc4bzgmFjBM=")]
    [InlineData("JavaScript", "lDXOM8PlqmxtdeunzpxY8XHNrHQ=")]
    public void Each_client_s_form_is_valid(string client, string signature)
    {
        Assert.True(IsSigned(signature, Awkward), client);
        Assert.False(IsSigned(signature, [.. Awkward, ("forced", "true")]), client);
    }

    [Fact]
    public void Pairs_may_be_sorted_as_a_whole() => Assert.True(IsSigned(
        "Yk1iDswL0qo/G+3dc9C+nBIWt9k=", ("apikey", "key-1"), ("command", "listZones"), ("key", "2"), ("key1", "1")));

    [Fact]
    public void A_plus_that_became_a_space_is_a_plus() => Assert.True(IsSigned("L2zc MmaD938G9s9geFFUoD78d4=", Awkward));

    [Fact]
    public void Forms_are_left_out_that_come_to_the_same()
    {
        KeyValuePair<string, string>[] plain = [new("command", "listZones"), new("apiKey", "key-1")];
        Assert.Equal(3, CanonicalForm.For(plain).Count());
        foreach (var parameters in new[] { plain, [.. Awkward.Select(pair => new KeyValuePair<string, string>(pair.Item1, pair.Item2))] })
        {
            Assert.Equal(
                CanonicalForm.All.Select(form => form.Write(parameters)).ToHashSet(), [.. CanonicalForm.For(parameters).Select(form => form.Write(parameters))]);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("=")]
    [InlineData("r4wM")]
    [InlineData("r4wMIxUBxZQm1bStj7fHHDqHS78")]
    [InlineData("r4wMIxUBxZQm1bStj7fHHDqHS7g=")]
    [InlineData("r4wMIxUBxZQm1bStj7fHHDqHS78r4wMIxUBxZQm1bStj7fHHDqHS78=")]
    [InlineData("ü")]
    public void Anything_else_is_not(string signature) => Assert.False(IsSigned(signature, Awkward));

    [Fact]
    public void Another_key_s_signature_is_not() => Assert.False(RequestSignature.IsOf(
        Parameters("r4wMIxUBxZQm1bStj7fHHDqHS78=", Awkward), SecretKey[..^1] + "R"));

    [Fact]
    public void A_request_without_a_signature_is_not_signed() =>
        Assert.False(RequestSignature.IsOf(Awkward.ToDictionary(pair => pair.Item1, pair => pair.Item2), SecretKey));

    /// <summary>The same text is signed, and the two parameters would be lost.</summary>
    [Theory]
    [InlineData("ids=x&name", "a~b*c d+e/ü[x]", "ids", "name")]
    [InlineData("details%5b0%5d.cpuNumber", "2", "details[0].cpuNumber", "details[0].cpuNumber")]
    public void A_name_cannot_pass_for_others(string name, string value, string without, string andWithout)
    {
        var forged = Awkward.Where(pair => pair.Item1 != without && pair.Item1 != andWithout).Append((name, value)).ToArray();
        Assert.False(IsSigned("r4wMIxUBxZQm1bStj7fHHDqHS78=", forged));
        Assert.False(IsSigned("qQLRRw7HbUNhmf791/BVeXeCN/4=", forged));
    }

    private static bool IsSigned(string signature, params (string, string)[] parameters) =>
        RequestSignature.IsOf(Parameters(signature, parameters), SecretKey);

    private static Dictionary<string, string> Parameters(string signature, (string, string)[] parameters)
    {
        var all = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["signature"] = signature };
        foreach (var (name, value) in parameters) all.Add(name, value);
        return all;
    }
}
