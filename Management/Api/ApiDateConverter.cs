using System.Globalization;
using Newtonsoft.Json;

namespace PciBus.Management.Api;

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
