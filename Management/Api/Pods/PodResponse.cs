using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Management.Places;

namespace PciBus.Management.Api.Pods;

[ApiResponse("pod", typeof(Pod))]
internal sealed class PodResponse
{
    [JsonProperty("id"), Description("the pod's id")]
    public Guid Id { get; init; }

    [JsonProperty("name"), Description("its name, as agents report it")]
    public required string Name { get; init; }

    [JsonProperty("zoneid"), Description("its zone")]
    public Guid ZoneId { get; init; }

    [JsonProperty("zonename"), Description("name of its zone")]
    public required string ZoneName { get; init; }

    [JsonProperty("allocationstate"), Description("whether it takes new virtual machines: Enabled or Disabled")]
    public AllocationState AllocationState { get; init; }
}
