using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Management.Hosts.Joining;

namespace PciBus.Management.Api.Joining;

[ApiResponse("hostjointoken", typeof(HostJoinToken))]
internal sealed class HostJoinTokenResponse
{
    [JsonProperty("id"), Description("the token's id, which is no secret")]
    public Guid Id { get; init; }

    [JsonProperty("token"), Description("what Agent join needs; shown this once")]
    public string? Token { get; set; }

    [JsonProperty("clusterid"), Description("the cluster that the host joins")]
    public Guid ClusterId { get; init; }

    [JsonProperty("clustername"), Description("name of that cluster")]
    public required string ClusterName { get; init; }

    [JsonProperty("hostid"), Description("the only host that it is for")]
    public Guid? HostId { get; init; }

    [JsonProperty("created"), Description("when it was made")]
    public DateTimeOffset Created { get; init; }

    [JsonProperty("expires"), Description("until when it is good")]
    public DateTimeOffset Expires { get; init; }

    [JsonProperty("used"), Description("when a host joined with it")]
    public DateTimeOffset? Used { get; init; }

    [JsonProperty("usedby"), Description("name and guid of that host")]
    public string? UsedBy { get; init; }
}
