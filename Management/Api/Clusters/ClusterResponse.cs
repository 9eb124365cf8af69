using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Management.Places;

namespace PciBus.Management.Api.Clusters;

[ApiResponse("cluster", typeof(Cluster))]
internal sealed class ClusterResponse
{
    [JsonProperty("id"), Description("the cluster's id")]
    public Guid Id { get; init; }

    [JsonProperty("name"), Description("its name, as agents report it")]
    public required string Name { get; init; }

    [JsonProperty("podid"), Description("its pod")]
    public Guid PodId { get; init; }

    [JsonProperty("podname"), Description("name of its pod")]
    public required string PodName { get; init; }

    [JsonProperty("zoneid"), Description("its zone")]
    public Guid ZoneId { get; init; }

    [JsonProperty("zonename"), Description("name of its zone")]
    public required string ZoneName { get; init; }

    [JsonProperty("hypervisortype"), Description("what its hosts run")]
    public required string HypervisorType { get; init; }

    [JsonProperty("clustertype"), Description("always CloudManaged")]
    public string ClusterType => "CloudManaged";

    [JsonProperty("allocationstate"), Description("whether it takes new virtual machines: Enabled or Disabled")]
    public AllocationState AllocationState { get; init; }

    [JsonProperty("managedstate"), Description("always Managed")]
    public string ManagedState => "Managed";
}
