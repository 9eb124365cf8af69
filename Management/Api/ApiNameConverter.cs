using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api;

/// <summary>Writes the names of enums, those as well that a server of a newer version has written into the database.</summary>
internal sealed class ApiNameConverter : StringEnumConverter
{
    public override void WriteJson(JsonWriter writer, object? value, JsonSerializer serializer)
    {
        if (value is Enum one && StoredNames.IsNewer(one)) writer.WriteValue(StoredNames.Of(one));
        else base.WriteJson(writer, value, serializer);
    }
}
