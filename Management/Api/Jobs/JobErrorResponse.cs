using Newtonsoft.Json;

namespace PciBus.Management.Api.Jobs;

/// <summary>Why a job failed.</summary>
internal sealed class JobErrorResponse(ApiException error)
{
    [JsonProperty("errorcode")]
    public int ErrorCode => error.Code;

    [JsonProperty("cserrorcode")]
    public int CsErrorCode => error.CsErrorCode;

    [JsonProperty("errortext")]
    public string ErrorText => error.Message;
}
