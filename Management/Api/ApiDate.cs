using System.Globalization;
using Newtonsoft.Json;

namespace PciBus.Management.Api;

/// <summary>
/// Reads moments as callers write them: a day, or a day and a time, of which the seconds, their parts and the zone may be left out.
/// </summary>
internal static class ApiDate
{
    /// <summary>How a moment may be written, for refusals.</summary>
    public const string Examples = "write 2026-05-01, 2026-05-01 12:00:00 or 2026-05-01T12:00:00.250+0000; without a zone it is UTC";

    /// <summary>With the time that such a text names as a whole.</summary>
    private static readonly (string Time, TimeSpan Span)[] Times =
    [
        ("", TimeSpan.FromDays(1)), ("HH:mm", TimeSpan.FromMinutes(1)), ("HH:mm:ss", TimeSpan.FromSeconds(1)),
        ("HH:mm:ss.f", TimeSpan.FromMilliseconds(100)), ("HH:mm:ss.ff", TimeSpan.FromMilliseconds(10)),
        ("HH:mm:ss.fff", TimeSpan.FromMilliseconds(1)), ("HH:mm:ss.ffffff", TimeSpan.FromMicroseconds(1)),
        ("HH:mm:ss.fffffff", TimeSpan.FromMicroseconds(1)),
    ];

    private static readonly string[] Separators = ["'T'", " "];
    private static readonly string[] Zones = ["", "'Z'", "zzz"];
    private static readonly (string[] Formats, TimeSpan Span)[] All = [.. Times.Select(one => (FormatsOf(one.Time), one.Span))];

    /// <summary>Reads a moment.</summary>
    /// <param name="text">What was given.</param>
    /// <param name="isEnd">It is the last moment of what the text names, e.g. of the day; else the first.</param>
    /// <param name="moment">In UTC.</param>
    /// <returns>False when it cannot be read.</returns>
    public static bool TryRead(string text, bool isEnd, out DateTimeOffset moment)
    {
        foreach (var (formats, span) in All)
        {
            if (!DateTimeOffset.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out moment))
            {
                continue;
            }
            if (isEnd && DateTimeOffset.MaxValue - moment < span) return false;
            // Engines keep microseconds.
            moment = (isEnd ? moment + span - TimeSpan.FromMicroseconds(1) : moment).ToUniversalTime();
            return true;
        }

        moment = default;
        return false;
    }

    private static string[] FormatsOf(string time) => time.Length == 0
        ? ["yyyy-MM-dd"]
        : [.. from separator in Separators from zone in Zones select $"yyyy-MM-dd{separator}{time}{zone}"];
}

/// <summary>Times as CloudStack writes them, in UTC: <c>2026-05-01T12:00:00+0000</c>.</summary>
internal sealed class ApiDateConverter : JsonConverter
{
    public override bool CanRead => false;

    public override bool CanConvert(Type objectType) =>
        objectType == typeof(DateTimeOffset) || objectType == typeof(DateTimeOffset?);

    public override void WriteJson(JsonWriter writer, object? value, JsonSerializer serializer) => writer.WriteValue(
        ((DateTimeOffset)value!).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'+0000'", CultureInfo.InvariantCulture));

    public override object ReadJson(JsonReader reader, Type objectType, object? existingValue, JsonSerializer serializer) =>
        throw new NotSupportedException("Answers are written, never read");
}
