using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Serialization;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api;

/// <summary>Chooses how a type is written once per type; converters in the settings are gone through for every value.</summary>
internal sealed class ApiContractResolver : DefaultContractResolver
{
    private static readonly ApiNameConverter Names = new();
    private static readonly ApiDateConverter Dates = new();

    protected override JsonConverter? ResolveContractConverter(Type objectType)
    {
        if (objectType.IsEnum) return Names;
        return Dates.CanConvert(objectType) ? Dates : base.ResolveContractConverter(objectType);
    }
}

/// <summary>Writes the names of enums, also names that a server of a newer version has written into the database.</summary>
internal sealed class ApiNameConverter : StringEnumConverter
{
    public override void WriteJson(JsonWriter writer, object? value, JsonSerializer serializer)
    {
        if (value is Enum one && StoredNames.IsNewer(one)) writer.WriteValue(StoredNames.Of(one));
        else base.WriteJson(writer, value, serializer);
    }
}
