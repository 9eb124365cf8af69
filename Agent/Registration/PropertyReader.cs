using System.Globalization;

namespace PciBus.Agent.Registration;

/// <summary>Typed values out of the text of agent.properties; collects what is wrong with them, so that all is told at once.</summary>
internal sealed class PropertyReader(IReadOnlyDictionary<string, string> values)
{
    private static readonly (string Suffix, long Factor)[] ByteUnits =
        [("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("B", 1), ("", 1)];

    private static readonly (string Suffix, double Milliseconds)[] TimeUnits =
        [("ms", 1), ("s", 1000), ("m", 60_000), ("", 1)];

    private readonly List<string> _problems = [];

    /// <summary>One sentence for each bad value read so far.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public string Required(string key)
    {
        if (Optional(key) is { } value) return value;
        _problems.Add($"{key} is missing; it needs a value");
        return "";
    }

    /// <summary>The value, or null when the key is absent or empty.</summary>
    public string? Optional(string key) =>
        !AgentKeys.Has(key) ? throw new ArgumentException($"{key} is not in the table of keys", nameof(key))
        : values.TryGetValue(key, out var value) && value.Length > 0 ? value : null;

    public string Text(string key, string absent) => Optional(key) ?? absent;

    public IReadOnlyList<string> List(string key) =>
        (Optional(key) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public string OneOf(string key, string absent, params string[] allowed)
    {
        var value = Text(key, absent);
        return allowed.Contains(value, StringComparer.Ordinal) ? value : Bad(key, string.Join(" or ", allowed), absent);
    }

    public int Number(string key, int absent, int min, int max)
    {
        if (Optional(key) is not { } text) return absent;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : Bad(key, string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}"), absent);
    }

    public bool Flag(string key, bool absent) => OneOf(key, absent ? "true" : "false", "true", "false") == "true";

    public long Bytes(string key, long absent)
    {
        if (Optional(key) is not { } text) return absent;
        var (suffix, factor) = ByteUnits.First(unit => text.EndsWith(unit.Suffix, StringComparison.OrdinalIgnoreCase));
        return long.TryParse(text[..^suffix.Length].TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is > 0 && number <= long.MaxValue / factor
                ? number * factor
                : Bad(key, "a whole number of bytes above 0, or with one of KiB, MiB, GiB", absent);
    }

    /// <summary>A time with ms, s or m behind it; a bare number counts milliseconds.</summary>
    public TimeSpan Duration(string key, TimeSpan absent)
    {
        if (Optional(key) is not { } text) return absent;
        var (suffix, factor) = TimeUnits.First(unit => text.EndsWith(unit.Suffix, StringComparison.Ordinal));
        var digits = text[..^suffix.Length].TrimEnd();
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number * factor <= TimeSpan.FromDays(1).TotalMilliseconds
                ? TimeSpan.FromMilliseconds(number * factor)
                : Bad(key, "a time of at most a day in milliseconds, or with one of ms, s, m, e.g. 500ms", absent);
    }

    /// <summary>As <see cref="Bad"/>, for a value that nobody may see.</summary>
    public T BadSecret<T>(string key, string allowed, T instead)
    {
        _problems.Add($"{key} is not allowed as it is; allowed is {allowed}");
        return instead;
    }

    /// <summary>For what is wrong with something else than a value.</summary>
    public T Wrong<T>(string problem, T instead)
    {
        _problems.Add(problem);
        return instead;
    }

    public T Bad<T>(string key, string allowed, T instead)
    {
        _problems.Add($"{key}={Optional(key)} is not allowed; allowed is {allowed}");
        return instead;
    }
}
