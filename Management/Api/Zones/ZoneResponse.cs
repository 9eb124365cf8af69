using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Management.Places;

namespace PciBus.Management.Api.Zones;

[ApiResponse("zone", typeof(Zone))]
internal sealed class ZoneResponse
{
    [JsonProperty("id"), Description("the zone's id")]
    public Guid Id { get; init; }

    [JsonProperty("name"), Description("its name, as agents report it")]
    public required string Name { get; init; }

    [JsonProperty("networktype"), Description("always Basic: PciBus does not manage networks")]
    public string NetworkType => "Basic";

    [JsonProperty("securitygroupsenabled"), Description("always false")]
    public bool SecurityGroupsEnabled => false;

    [JsonProperty("allocationstate"), Description("whether it takes new virtual machines: Enabled or Disabled")]
    public AllocationState AllocationState { get; init; }

    [JsonProperty("localstorageenabled"), Description("always true: root disks are on their host")]
    public bool LocalStorageEnabled => true;

    [JsonProperty("type"), Description("always Core")]
    public string Type => "Core";

    [JsonProperty("pcitotal"), Description("PCI devices of its hosts")]
    public int PciTotal { get; init; }

    [JsonProperty("pciused"), Description("PCI devices of its hosts that a virtual machine owns")]
    public int PciUsed { get; init; }
}
