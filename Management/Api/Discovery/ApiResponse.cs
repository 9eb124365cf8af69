using System.ComponentModel;
using Newtonsoft.Json;

namespace PciBus.Management.Api.Discovery;

/// <summary>A command, as <c>listApis</c> tells it.</summary>
[ApiResponse("api")]
internal sealed class ApiResponse
{
    [JsonProperty("name"), Description("the command's name")]
    public required string Name { get; init; }

    [JsonProperty("description"), Description("what it does")]
    public required string Description { get; init; }

    [JsonProperty("since"), Description("the version that brought it")]
    public required string Since { get; init; }

    [JsonProperty("isasync"), Description("whether it answers with a job")]
    public bool IsAsync { get; init; }

    [JsonProperty("related"), Description("commands that answer with the same, comma-separated")]
    public string Related { get; init; } = "";

    [JsonProperty("params"), Description("its parameters")]
    public required IReadOnlyList<ApiParameterResponse> Params { get; init; }

    [JsonProperty("response"), Description("the fields of its answer")]
    public required IReadOnlyList<ApiResponseField> Fields { get; init; }
}

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
