namespace PciBus.Agent.Registration;

/// <summary>
/// Reads the text of a Java-style properties file: <c>key=value</c> lines, comments that begin with <c>#</c> or <c>!</c>,
/// blanks around key and value, and a <c>\</c> at a line's end that joins it with the next. The last of equal keys stands.
/// </summary>
internal static class PropertiesText
{
    public static IReadOnlyDictionary<string, string> Read(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in JoinedLines(text))
        {
            // A line without "=" is skipped, not read as an empty value: a file that is cut off within "pci.devices" must
            // not say "no devices".
            var separator = line.IndexOf('=', StringComparison.Ordinal);
            if (separator > 0) values[line[..separator].Trim()] = line[(separator + 1)..].Trim();
        }

        return values;
    }

    private static IEnumerable<string> JoinedLines(string text)
    {
        var joined = "";
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Trim();
            if (joined.Length == 0 && line is "" or ['#' or '!', ..]) continue;
            if (line.EndsWith('\\'))
            {
                joined += line[..^1];
                continue;
            }

            yield return joined + line;
            joined = "";
        }

        if (joined.Length > 0) yield return joined;
    }
}
