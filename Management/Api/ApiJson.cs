using System.Globalization;
using Newtonsoft.Json;

namespace PciBus.Management.Api;

/// <summary>How answers are written: CloudStack's JSON. What is null is left out, enums are names.</summary>
internal static class ApiJson
{
    private static readonly JsonSerializerSettings Settings = new()
    {
        NullValueHandling = NullValueHandling.Ignore,
        Culture = CultureInfo.InvariantCulture,
        ContractResolver = new ApiContractResolver(),
    };

    public static string Write(ApiResult result) =>
        JsonConvert.SerializeObject(new Dictionary<string, object> { [result.Wrapper] = result.Body }, Settings);
}
