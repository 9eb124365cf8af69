using System.Globalization;
using System.Text;

namespace PciBus.Contracts.Connection;

/// <summary>
/// What stands in a properties file, read as java.util.Properties does, which CloudStack's agent writes it with: <c>=</c>, <c>:</c> or
/// blanks part key and value; <c>#</c> and <c>!</c> begin a comment; an odd number of <c>\</c> at a line's end joins it with the next;
/// <c>\=</c>, <c>\:</c>, <c>\#</c>, <c>\\</c>, <c>\t</c> and <c>\uXXXX</c> are escapes. Otherwise than there the file is UTF-8, blanks
/// at a value's end do not count, and a key alone has no value instead of an empty one.
/// </summary>
public sealed class PropertiesFile
{
    private const string Blanks = " \t\f";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly List<PropertyLine> _lines = [];
    private readonly List<(int Number, string What)> _problems = [];
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private PropertiesFile(IEnumerable<(string Text, bool IsReadable)> lines)
    {
        foreach (var (number, line) in Joined(lines)) Add(number, line);
        foreach (var line in _lines.Where(line => line.Value is not null)) _values[line.Key] = line.Value!;
    }

    /// <summary>Lines that say something, in their order.</summary>
    public IReadOnlyList<PropertyLine> Lines => _lines;

    /// <summary>
    /// Of equal keys the last stands. A key without a value is not there: a file that is cut off within <c>pci.devices</c> must not say
    /// "no devices".
    /// </summary>
    public IReadOnlyDictionary<string, string> Values => _values;

    /// <summary>
    /// Lines that cannot be read, and are in none of the others; what is wrong, to follow on the number. No value is shown.
    /// </summary>
    public IReadOnlyList<(int Number, string What)> Problems => _problems;

    /// <summary>Keys that stand more than once: the lines of the last two, and whether they say the same.</summary>
    public IEnumerable<(string Key, int First, int Second, bool IsSame)> Repeated =>
        from line in _lines
        where line.Value is not null
        group line by line.Key into same
        where same.Skip(1).Any()
        let last = same.TakeLast(2).ToArray()
        select (same.Key, last[0].Number, last[1].Number, same.All(one => one.Value == last[1].Value));

    /// <summary>Reads a file's bytes.</summary>
    /// <param name="bytes">UTF-8. A line that is not, and is no comment, is among the problems.</param>
    public static PropertiesFile Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(Encoding.UTF8.Preamble)) bytes = bytes[Encoding.UTF8.Preamble.Length..];
        var lines = new List<(string, bool)>();
        // No byte of a character of several is a line feed.
        foreach (var range in bytes.Split((byte)'\n')) lines.Add(Decode(bytes[range]));
        return new PropertiesFile(lines);
    }

    /// <summary>Reads a text.</summary>
    public static PropertiesFile Parse(string text) => new(text.Split('\n').Select(line => (line, true)));

    /// <summary>A value as it is written into such a file.</summary>
    public static string Escape(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal);

    /// <returns>A line; one that is not UTF-8 as far as its structure goes: whether it is a comment, and goes on in the next.</returns>
    private static (string Text, bool IsReadable) Decode(ReadOnlySpan<byte> line)
    {
        try
        {
            return (Strict.GetString(line), true);
        }
        catch (DecoderFallbackException)
        {
            return (Encoding.Latin1.GetString(line), false);
        }
    }

    /// <returns>Logical lines with the number of their first; without comments and empty ones.</returns>
    private IEnumerable<(int Number, string Line)> Joined(IEnumerable<(string Text, bool IsReadable)> lines)
    {
        var (joined, first, isBad) = (new StringBuilder(), 0, false);
        foreach (var (index, (text, isReadable)) in lines.Index())
        {
            var line = text.TrimEnd('\r').TrimStart(Blanks.ToCharArray());
            if (first == 0)
            {
                if (line is "" or ['#' or '!', ..]) continue;
                first = index + 1;
            }

            if (!isReadable)
            {
                _problems.Add((index + 1, "is not UTF-8"));
                isBad = true;
            }

            if (IsContinued(line))
            {
                joined.Append(line.AsSpan(0, line.Length - 1));
                continue;
            }

            if (!isBad) yield return (first, joined.Append(line).ToString());
            joined.Clear();
            (first, isBad) = (0, false);
        }

        if (joined.Length > 0 && !isBad) yield return (first, joined.ToString());
    }

    private static bool IsContinued(string line) => (line.Length - line.TrimEnd('\\').Length) % 2 == 1;

    private void Add(int number, string line)
    {
        var end = 0;
        while (end < line.Length && !"=:".Contains(line[end]) && !Blanks.Contains(line[end])) end += line[end] == '\\' ? 2 : 1;
        end = Math.Min(end, line.Length);
        var rest = line[end..].TrimStart(Blanks.ToCharArray());
        var hasValue = rest.Length > 0;
        if (rest is ['=' or ':', ..]) rest = rest[1..];
        try
        {
            var key = Unescape(line[..end]);
            var value = Unescape(rest.Trim(Blanks.ToCharArray()));
            if (key.Concat(value).Where(IsHidden).Select(one => (char?)one).FirstOrDefault() is { } hidden)
            {
                _problems.Add((number, $"has U+{(int)hidden:X4} in it, which cannot be seen"));
            }
            else
            {
                _lines.Add(new PropertyLine(number, key, hasValue ? value : null));
            }
        }
        catch (FormatException)
        {
            _problems.Add((number, "has \\u in it without four hexadecimal digits"));
        }
    }

    private static bool IsHidden(char one) =>
        one != ' ' && char.GetUnicodeCategory(one) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static string Unescape(string text)
    {
        if (!text.Contains('\\')) return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                plain.Append(text[i]);
                continue;
            }

            // The last character of a file: it joins with nothing.
            if (++i == text.Length) break;
            plain.Append(text[i] switch
            {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                'f' => '\f',
                'u' => FourDigits(text, ref i),
                var itself => itself,
            });
        }

        return plain.ToString();
    }

    private static char FourDigits(string text, ref int i)
    {
        i += 4;
        return i < text.Length
            && ushort.TryParse(text.AsSpan(i - 3, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            ? (char)code
            : throw new FormatException();
    }
}

/// <summary>A line of a properties file that says something.</summary>
/// <param name="Number">From 1; of a line that goes on in the next, the first.</param>
/// <param name="Key">Unescaped.</param>
/// <param name="Value">Unescaped; null when nothing parts a value from the key.</param>
public sealed record PropertyLine(int Number, string Key, string? Value);
