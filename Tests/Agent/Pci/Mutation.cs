using CsCheck;

namespace PciBus.Tests.Agent.Pci;

/// <summary>Samples of a grammar, of which a half is one mutation away from what the grammar says.</summary>
internal static class Mutation
{
    private const string Odd = "0123456789abcdefgxF:.*|, \t\n\0-_/\\\"'<>&%$\u00e4\u2028\ud83d";

    /// <summary>A text as the grammar has it, or with a character too many, too few, another, or twice; and whether it was left as it was.
    /// </summary>
    public static Gen<(string Text, bool IsValid)> OneAway(this Gen<string> valid) =>
        from text in valid
        from kind in Gen.Int[0, 9]
        from place in Gen.Int[0, 10_000]
        from odd in Gen.Char[Odd]
        select (Of(text, kind, place, odd), kind >= 5);

    private static string Of(string text, int kind, int place, char odd)
    {
        var at = text.Length == 0 ? 0 : place % text.Length;
        return kind switch
        {
            0 => text.Insert(at, odd.ToString()),
            1 when text.Length > 0 => text.Remove(at, 1),
            2 when text.Length > 0 => text.Remove(at, 1).Insert(at, odd.ToString()),
            3 when text.Length > 0 => text.Insert(at, text[at..Math.Min(text.Length, at + 8)]),
            4 => text[..at],
            _ => text,
        };
    }
}
