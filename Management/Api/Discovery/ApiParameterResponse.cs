using System.ComponentModel;
using Newtonsoft.Json;

namespace PciBus.Management.Api.Discovery;

/// <summary>A parameter, as <c>listApis</c> tells it.</summary>
[ApiResponse("params")]
internal sealed class ApiParameterResponse
{
    [JsonProperty("name"), Description("the parameter's name")]
    public required string Name { get; init; }

    [JsonProperty("description"), Description("what it says")]
    public required string Description { get; init; }

    [JsonProperty("type"), Description("uuid, string, integer, long, boolean, date, list or map")]
    public required string Type { get; init; }

    [JsonProperty("length"), Description("characters it may have")]
    public int Length { get; init; }

    [JsonProperty("required"), Description("whether it must be given")]
    public bool Required { get; init; }

    [JsonProperty("related"), Description("commands that answer with ids it takes, comma-separated")]
    public string? Related { get; init; }

    [JsonProperty("since"), Description("the version that brought it")]
    public required string Since { get; init; }
}
