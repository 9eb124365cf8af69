using System.ComponentModel;
using Newtonsoft.Json;

namespace PciBus.Management.Api.Discovery;

/// <summary>A field of an answer, as <c>listApis</c> tells it.</summary>
[ApiResponse("response")]
internal sealed class ApiResponseField
{
    [JsonProperty("name"), Description("the field's key")]
    public required string Name { get; init; }

    [JsonProperty("type"), Description("its type")]
    public required string Type { get; init; }

    [JsonProperty("description"), Description("what it says")]
    public required string Description { get; init; }

    [JsonProperty("response"), Description("the fields of what it holds")]
    public IReadOnlyList<ApiResponseField>? Fields { get; init; }
}
