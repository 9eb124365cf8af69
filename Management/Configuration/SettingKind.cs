using System.Globalization;
using System.Net;
using PciBus.Contracts.Connection;

namespace PciBus.Management.Configuration;

/// <summary>Which values a setting takes.</summary>
/// <param name="Type">In CloudStack's words: String, Number or Decimal.</param>
/// <param name="Allowed">What follows on "allowed is", with the unit.</param>
/// <param name="Allows">Whether a text is such a value.</param>
internal sealed record SettingKind(string Type, string Allowed, Func<string, bool> Allows)
{
    /// <summary>How a list is taken apart.</summary>
    public const StringSplitOptions Parts = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;

    /// <summary>The broker's address, or nothing.</summary>
    public static SettingKind Broker { get; } = new(
        "String", BusAddress.Form, text => text.Length == 0 || BusAddress.TryParse(text, out _));

    /// <summary>An HTTP address with user and password, or nothing.</summary>
    public static SettingKind Web { get; } = new(
        "String",
        "http://user:password@host:port, or https://",
        text =>
            text.Length == 0
                || (Uri.TryCreate(
                    text,
                    UriKind.Absolute,
                    out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Contains(':', StringComparison.Ordinal)));

    public static SettingKind Address { get; } = new(
        "String", "an IP address of this machine, or 0.0.0.0 for all of them", text => IPAddress.TryParse(text, out _));

    public static SettingKind Addresses { get; } = new(
        "String", "IP addresses, parted by commas, or nothing", text =>
            text.Split(',', Parts).All(part => IPAddress.TryParse(part, out _)));

    public static SettingKind PemFile { get; } = Text("a PEM file");

    /// <summary>A command, or nothing; whoever uses it looks at it.</summary>
    public static SettingKind Command { get; } = Text(
        "an executable and its arguments, parted by blanks, with double quotes in pairs; in the arguments {name}, {guid} and {ip} are the "
        + "host's");

    public static SettingKind Port { get; } = Whole(1, 65_535);

    /// <summary>Any text; whoever uses it looks at it.</summary>
    public static SettingKind Text(string allowed) => new("String", allowed, _ => true);

    public static SettingKind OneOf(params string[] values) => new(
        "String", $"{string.Join(", ", values[..^1])} or {values[^1]}", text => values.Contains(text, StringComparer.Ordinal));

    public static SettingKind Whole(int min, int max) => new(
        "Number",
        string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}"),
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max);

    public static SettingKind Decimal(decimal min, decimal max) => Between(min, max, "a number");

    /// <summary>A time in seconds, up to a day unless said otherwise.</summary>
    public static SettingKind Seconds(decimal min = 1, decimal max = 86_400) => Between(min, max, "a number of seconds");

    /// <summary>How long something is kept.</summary>
    public static SettingKind Days { get; } = Between(0, 36_500, "a number of days", "; 0 is for ever");

    // A comma is no part of a number: 2,5 must not be read as 25.
    private static SettingKind Between(decimal min, decimal max, string what, string more = "") => new(
        "Decimal",
        string.Create(CultureInfo.InvariantCulture, $"{what} from {min} to {max}{more}"),
        text =>
            decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= min
                && value <= max);
}
