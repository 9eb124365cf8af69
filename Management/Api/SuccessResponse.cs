using System.ComponentModel;
using Newtonsoft.Json;

namespace PciBus.Management.Api;

/// <summary>It was done.</summary>
[ApiResponse("success")]
internal sealed class SuccessResponse
{
    [JsonProperty("displaytext"), Description("a remark on what was done")]
    public string? DisplayText { get; init; }

    [JsonProperty("success"), Description("true: it was done")]
    public bool Success { get; init; } = true;
}
