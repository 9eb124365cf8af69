using System.Globalization;
using System.Net;

namespace PciBus.Contracts.Connection;

/// <summary>Which values a setting takes, and how they are written.</summary>
/// <param name="Type">In CloudStack's words: String, Number or Decimal.</param>
/// <param name="Allowed">What follows on "allowed is", with the unit.</param>
/// <param name="Read">The value of a text; null when the text is not allowed.</param>
/// <param name="Write">The text of a value, as a default is shown.</param>
public sealed record SettingKind(string Type, string Allowed, Func<string, object?> Read, Func<object, string> Write)
{
    /// <summary>How a list is taken apart.</summary>
    private const StringSplitOptions Parts = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    private static readonly (string Suffix, long Factor)[] ByteUnits =
        [("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("B", 1), ("", 1)];

    private static readonly (string Suffix, double Milliseconds)[] TimeUnits = [("ms", 1), ("s", 1000), ("m", 60_000), ("", 1)];

    /// <summary>An empty text is allowed, and stands for nothing.</summary>
    public bool IsOptional { get; init; }

    public static SettingKind Flag { get; } = OneOf(["true", "false"], text => text == "true");

    /// <summary>The broker's address, or nothing.</summary>
    public static SettingKind Broker { get; } =
        new("String", BusAddress.Form, text => BusAddress.TryParse(text, out var address) ? address : null, Plain) { IsOptional = true };

    /// <summary>An HTTP address with user and password, or nothing.</summary>
    public static SettingKind Web { get; } =
        new("String", "http://user:password@host:port, or https://", ReadWeb, Plain) { IsOptional = true };

    public static SettingKind Address { get; } =
        new("String", "an IP address of this machine, or 0.0.0.0 for all of them", ReadAddress, Plain);

    public static SettingKind Addresses { get; } = List<IPAddress>("IP addresses, parted by commas, or nothing", ReadAddress);

    public static SettingKind Texts { get; } = List<string>("texts, separated by commas", text => text);

    /// <summary>How long something is kept.</summary>
    public static SettingKind Days { get; } = Between(
        0,
        36_500,
        "a number of days",
        one => TimeSpan.FromDays((double)one),
        value => (decimal)((TimeSpan)value).TotalDays,
        "; 0 is for ever");

    /// <summary>A time with ms, s or m behind it; a bare number counts milliseconds.</summary>
    public static SettingKind Duration { get; } = new(
        "String",
        "a time of at most a day in milliseconds, or with one of ms, s, m, e.g. 500ms",
        text => ReadDuration(text),
        WriteDuration);

    public static SettingKind Bytes { get; } =
        new("String", "a whole number of bytes above 0, or with one of KiB, MiB, GiB", text => ReadBytes(text), WriteBytes);

    /// <summary>Any text; the code that uses it checks it.</summary>
    public static SettingKind Text(string allowed) => new("String", allowed, text => text, Plain) { IsOptional = true };

    public static SettingKind OneOf(params string[] values) => OneOf(values, text => text);

    /// <summary>One of the values of an enum, in small letters.</summary>
    public static SettingKind OneOf(Type type) =>
        OneOf([.. Enum.GetNames(type).Select(name => name.ToLowerInvariant())], text => Enum.Parse(type, text, ignoreCase: true));

    public static SettingKind Whole(int min, int max) => new(
        "Number",
        string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}"),
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value >= min && value <= max ? value : null,
        Plain);

    public static SettingKind Decimal(decimal min, decimal max) => Between(min, max, "a number", one => one, value => (decimal)value);

    /// <summary>A time in seconds, up to a day.</summary>
    public static SettingKind Seconds(decimal min = 1) => Between(
        min, 86_400, "a number of seconds", one => TimeSpan.FromSeconds((double)one), value => (decimal)((TimeSpan)value).TotalSeconds);

    /// <summary>A list, parted by commas.</summary>
    /// <param name="read">The value of a part; null when it is not allowed.</param>
    public static SettingKind List<T>(string allowed, Func<string, object?> read) => new(
        "String",
        allowed,
        text =>
        {
            var values = text.Split(',', Parts).Select(read).ToList();
            return values.Contains(null) ? null : values.Cast<T>().ToList();
        },
        value => string.Join(',', (IEnumerable<T>)value));

    public bool Allows(string text) => TryRead(text, out _);

    /// <param name="value">Null when the text stands for nothing.</param>
    /// <returns>Whether the text is allowed.</returns>
    public bool TryRead(string text, out object? value)
    {
        value = null;
        return (text.Length == 0 && IsOptional) || (value = Read(text)) is not null;
    }

    private static SettingKind OneOf(IReadOnlyList<string> values, Func<string, object> read) => new(
        "String",
        $"{string.Join(", ", values.SkipLast(1))} or {values[^1]}",
        text => values.Contains(text, StringComparer.Ordinal) ? read(text) : null,
        value => Plain(value).ToLowerInvariant());

    // A comma is no part of a number: 2,5 must not be read as 25.
    private static SettingKind Between(
        decimal min, decimal max, string what, Func<decimal, object> read, Func<object, decimal> write, string more = "") => new(
        "Decimal",
        string.Create(CultureInfo.InvariantCulture, $"{what} from {min} to {max}{more}"),
        text => decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value >= min && value <= max ? read(value) : null,
        value => Plain(write(value)));

    private static string Plain(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static IPAddress? ReadAddress(string text) => IPAddress.TryParse(text, out var address) ? address : null;

    private static Uri? ReadWeb(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Contains(':') ? uri : null;

    private static long? ReadBytes(string text)
    {
        var (suffix, factor) = ByteUnits.First(unit => text.EndsWith(unit.Suffix, StringComparison.OrdinalIgnoreCase));
        return long.TryParse(text[..^suffix.Length].TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0 && number <= long.MaxValue / factor ? number * factor : null;
    }

    private static string WriteBytes(object value)
    {
        var (suffix, factor) = ByteUnits.First(unit => (long)value % unit.Factor == 0);
        return Plain((long)value / factor) + suffix;
    }

    private static TimeSpan? ReadDuration(string text)
    {
        var (suffix, factor) = TimeUnits.First(unit => text.EndsWith(unit.Suffix, StringComparison.Ordinal));
        var digits = text[..^suffix.Length].TrimEnd();
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number * factor <= TimeSpan.FromDays(1).TotalMilliseconds ? TimeSpan.FromMilliseconds(number * factor) : null;
    }

    /// <summary>Whole units, and of minutes several: a minute is 60s.</summary>
    private static string WriteDuration(object value)
    {
        var milliseconds = ((TimeSpan)value).TotalMilliseconds;
        return milliseconds % 60_000 == 0 && milliseconds > 60_000 ? Plain(milliseconds / 60_000) + "m"
            : milliseconds % 1000 == 0 ? Plain(milliseconds / 1000) + "s"
            : Plain(milliseconds) + "ms";
    }
}
