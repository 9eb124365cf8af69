namespace PciBus.Contracts;

/// <summary>
/// Reads the text of a Java-style properties file: <c>key=value</c> lines, comments that begin with <c>#</c> or <c>!</c>,
/// blanks around key and value, and a <c>\</c> at a line's end that joins it with the next. The last of equal keys stands.
/// </summary>
public static class PropertiesText
{
    public static IReadOnlyDictionary<string, string> Read(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (_, key, value) in Lines(text))
        {
            // A line without "=" is skipped, not read as an empty value: a file that is cut off within "pci.devices" must
            // not say "no devices".
            if (value is not null) values[key] = value;
        }

        return values;
    }

    /// <summary>The lines that say something: their number from 1, and what they say; the value is null without a <c>=</c>.</summary>
    public static IEnumerable<(int Number, string Key, string? Value)> Lines(string text)
    {
        foreach (var (number, line) in JoinedLines(text))
        {
            var separator = line.IndexOf('=', StringComparison.Ordinal);
            yield return separator > 0 ? (number, line[..separator].Trim(), line[(separator + 1)..].Trim()) : (number, line, null);
        }
    }

    private static IEnumerable<(int Number, string Line)> JoinedLines(string text)
    {
        var (joined, first) = ("", 0);
        foreach (var (index, raw) in text.Split('\n').Index())
        {
            var line = raw.Trim();
            if (joined.Length == 0)
            {
                if (line is "" or ['#' or '!', ..]) continue;
                first = index + 1;
            }

            if (line.EndsWith('\\'))
            {
                joined += line[..^1];
                continue;
            }

            yield return (first, joined + line);
            joined = "";
        }

        if (joined.Length > 0) yield return (first, joined);
    }
}
