namespace PciBus.Contracts.Connection;

/// <summary>Names of settings as people write them, for those that nothing knows.</summary>
public static class PropertyName
{
    /// <summary>As much as can be a name: further on, a line that was written wrongly may hold a password.</summary>
    public static string Shown(string name) =>
        string.Concat(name.TakeWhile(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_'));

    /// <summary>The known name that is most like another.</summary>
    /// <param name="known">At least one; the last part of a name may be a word in &lt; and &gt;, which stands for any.</param>
    public static string Nearest(string name, IEnumerable<string> known)
    {
        var shown = Shown(name);
        return known.MinBy(one => one.EndsWith('>') ? Distance(WithoutLastPart(shown), WithoutLastPart(one)) : Distance(shown, one))!;
    }

    /// <summary>How many characters must be added, left out, replaced, or swapped with their neighbour.</summary>
    public static int Distance(string from, string to)
    {
        var steps = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++) steps[i, 0] = i;
        for (var j = 0; j <= to.Length; j++) steps[0, j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = steps[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                steps[i, j] = Math.Min(replaced, Math.Min(steps[i - 1, j], steps[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    steps[i, j] = Math.Min(steps[i, j], steps[i - 2, j - 2] + 1);
                }
            }
        }

        return steps[from.Length, to.Length];
    }

    private static string WithoutLastPart(string name) => name[..(name.LastIndexOf('.') + 1)];
}
