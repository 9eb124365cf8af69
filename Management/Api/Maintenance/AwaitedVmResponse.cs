using System.ComponentModel;
using Newtonsoft.Json;

namespace PciBus.Management.Api.Maintenance;

[ApiResponse("virtualmachine")]
internal sealed class AwaitedVmResponse
{
    [JsonProperty("id"), Description("the virtual machine's id")]
    public Guid Id { get; init; }

    [JsonProperty("name"), Description("its name")]
    public required string Name { get; init; }

    [JsonProperty("hostid"), Description("the host that it must leave: there it has what is waited for")]
    public Guid HostId { get; init; }

    [JsonProperty("hostname"), Description("name of that host")]
    public required string HostName { get; init; }

    [JsonProperty("arriving"), Description("it comes to that host by this plan, and must leave it again or be stopped")]
    public bool IsArriving { get; init; }
}
