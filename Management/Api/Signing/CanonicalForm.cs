using System.Text;

namespace PciBus.Management.Api.Signing;

/// <summary>
/// One way to write a request down before it is signed. CloudStack has one way, Java's; its clients come near it, each as its own language
/// encodes and sorts, and differ in what seldom occurs.
/// </summary>
/// <param name="Kept">Characters that are not percent-encoded, besides letters, digits and <c>-_.</c>.</param>
/// <param name="Space">What a space becomes.</param>
/// <param name="EncodesNames">Names are encoded like values; CloudStack does not.</param>
/// <param name="SortKey">Of a name and its finished pair: by what the pairs are sorted.</param>
internal sealed record CanonicalForm(string Kept, string Space, bool EncodesNames, Func<string, string, string> SortKey)
{
    private const string LowerHex = "0123456789abcdef";

    /// <summary>
    /// Java's; Python's quote as <c>cs</c> and cmk have it; Go's; the oldest Pythons'; Libcloud's, old and new; JavaScript's.
    /// </summary>
    private static readonly string[] KeptByClients = ["*", "*~", "~", "", "[]*", "[]*~", "!~*'()"];

    /// <summary>By the name as it was sent; by the name in lower case; by the whole pair.</summary>
    private static readonly Func<string, string, string>[] SortKeys =
        [(name, _) => name, (name, _) => name.ToLowerInvariant(), (_, pair) => pair];

    /// <summary>CloudStack's own comes first.</summary>
    public static IReadOnlyList<CanonicalForm> All { get; } =
    [
        .. from space in new[] { "%20", "+" }
           from encodesNames in new[] { false, true }
           from sortKey in SortKeys
           from kept in KeptByClients
           select new CanonicalForm(kept, space, encodesNames, sortKey),
    ];

    /// <summary>The forms that yield different texts for these parameters: most requests have nothing in which the forms differ.</summary>
    public static IEnumerable<CanonicalForm> For(IReadOnlyCollection<KeyValuePair<string, string>> parameters)
    {
        var present = parameters.SelectMany(parameter => parameter.Key.Concat(parameter.Value)).ToHashSet();
        var hasOddNames = parameters.Any(
            parameter => !parameter.Key.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_.".Contains(letter)));
        return All.DistinctBy(form => (
            string.Concat(form.Kept.Where(present.Contains).Order()),
            present.Contains(' ') ? form.Space : "",
            hasOddNames && form.EncodesNames,
            form.SortKey));
    }

    /// <summary>The text to sign; all of it is in lower case.</summary>
    public string Write(IEnumerable<KeyValuePair<string, string>> parameters) => string.Join('&', parameters
        .Select(parameter => (Name: parameter.Key, Pair: Pair(parameter.Key, parameter.Value)))
        .OrderBy(pair => SortKey(pair.Name, pair.Pair), StringComparer.Ordinal)
        .Select(pair => pair.Pair));

    private string Pair(string name, string value) =>
        $"{(EncodesNames ? Encode(name) : name.ToLowerInvariant())}={Encode(value)}";

    private string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length + 16);
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            var character = (char)octet;
            if (char.IsAsciiLetterOrDigit(character) || "-_.".Contains(character) || Kept.Contains(character))
            {
                encoded.Append(char.ToLowerInvariant(character));
            }
            else if (character == ' ')
            {
                encoded.Append(Space);
            }
            else
            {
                encoded.Append('%').Append(LowerHex[octet >> 4]).Append(LowerHex[octet & 15]);
            }
        }

        return encoded.ToString();
    }
}
