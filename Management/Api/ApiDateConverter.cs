using System.Globalization;
using Newtonsoft.Json;

namespace PciBus.Management.Api;

/// <summary>Times as CloudStack writes them, in UTC: <c>2026-05-01T12:00:00+0000</c>.</summary>
internal sealed class ApiDateConverter : JsonConverter<DateTimeOffset>
{
    public override bool CanRead => false;

    public override void WriteJson(JsonWriter writer, DateTimeOffset value, JsonSerializer serializer) =>
        writer.WriteValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'+0000'", CultureInfo.InvariantCulture));

    public override DateTimeOffset ReadJson(
        JsonReader reader, Type objectType, DateTimeOffset existingValue, bool hasExistingValue, JsonSerializer serializer) =>
        throw new NotSupportedException("Answers are written, never read");
}
