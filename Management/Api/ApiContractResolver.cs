using Newtonsoft.Json;
using Newtonsoft.Json.Serialization;

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
