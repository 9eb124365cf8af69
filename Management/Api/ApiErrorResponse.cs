using System.ComponentModel;
using Newtonsoft.Json;

namespace PciBus.Management.Api;

/// <summary>What stands under the wrapper when a command was refused.</summary>
internal sealed class ApiErrorResponse(ApiException error)
{
    /// <summary>CloudStack names the objects an error is about here; the text names them already.</summary>
    [JsonProperty("uuidList")]
    public IReadOnlyList<object> UuidList => [];

    [JsonProperty("errorcode")]
    public int ErrorCode => error.Code;

    [JsonProperty("cserrorcode")]
    public int CsErrorCode => error.CsErrorCode;

    [JsonProperty("errortext")]
    public string ErrorText => error.Message;
}

/// <summary>The command was carried out.</summary>
[ApiResponse("success")]
internal sealed class SuccessResponse
{
    [JsonProperty("displaytext"), Description("a remark on what was done")]
    public string? DisplayText { get; init; }

    [JsonProperty("success"), Description("true: it was done")]
    public bool Success { get; init; } = true;
}
