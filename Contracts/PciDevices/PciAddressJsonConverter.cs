using System.Text.Json;
using System.Text.Json.Serialization;

namespace PciBus.Contracts.PciDevices;

/// <summary>A <see cref="PciAddress"/> is its full text on the wire.</summary>
public sealed class PciAddressJsonConverter : JsonConverter<PciAddress>
{
    public override PciAddress Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        PciAddress.TryParse(reader.GetString(), out var address, out var reason) ? address : throw new JsonException(reason);

    public override void Write(Utf8JsonWriter writer, PciAddress value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
