using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows.MigrateVirtualMachine;

/// <summary>Keeps evidence in a document as contracts are written: addresses of devices as their text.</summary>
internal sealed class EvidenceConverter : JsonConverter<OffEvidence>
{
    public override void WriteJson(JsonWriter writer, OffEvidence? value, JsonSerializer serializer) =>
        writer.WriteRawValue(System.Text.Json.JsonSerializer.Serialize(value));

    public override OffEvidence? ReadJson(
        JsonReader reader, Type objectType, OffEvidence? existingValue, bool hasExistingValue, JsonSerializer serializer) =>
        System.Text.Json.JsonSerializer.Deserialize<OffEvidence?>(JToken.Load(reader).ToString(Formatting.None));
}
