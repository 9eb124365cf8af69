using System.Globalization;

namespace PciBus.Management.Api.Signing;

/// <summary>
/// Until when a signed request may be used: <c>expires</c>, which <c>signatureversion=3</c> demands. It is a moment of this server's clock,
/// without grace. How far ahead it lies is up to the client, whose clock may be wrong.
/// </summary>
internal static class RequestExpiry
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'",
    ];

    /// <summary>Whether the request may still be carried out. A moment that cannot be read has passed.</summary>
    public static bool Allows(ApiRequest request, DateTimeOffset now) => request["expires"] is { } text
        ? TryRead(text, out var expires) && now <= expires
        : request["signatureversion"] != "3";

    private static bool TryRead(string text, out DateTimeOffset expires) => DateTimeOffset.TryParseExact(
        text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out expires);
}
