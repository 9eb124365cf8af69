using System.ComponentModel;
using System.Globalization;
using Newtonsoft.Json;
using PciBus.Management.Hosts;

namespace PciBus.Management.Api.Hosts;

[ApiResponse("host", typeof(Host))]
internal sealed class HostResponse
{
    [JsonProperty("id"), Description("the host's id")]
    public Guid Id { get; init; }

    [JsonProperty("name"), Description("its name, as its agent reports it")]
    public required string Name { get; init; }

    [JsonProperty("guid"), Description("the stable identity of its agent.properties")]
    public required string Guid { get; init; }

    [JsonProperty("machine"), Description("identity of the machine, which outlives the guid; none before an agent has said it")]
    public string? Machine { get; init; }

    [JsonProperty("state"), Description("whether management hears it: Up, Connecting, Disconnected, Alert, Down, ...")]
    public HostStatus State { get; init; }

    [JsonProperty("type"), Description("always Routing: it runs virtual machines")]
    public string Type => "Routing";

    [JsonProperty("resourcestate"), Description("what the operator wants of it: Enabled, Disabled, Maintenance, ...")]
    public ResourceState ResourceState { get; init; }

    [JsonProperty("ipaddress"), Description("its address")]
    public string? IpAddress { get; init; }

    [JsonProperty("zoneid"), Description("its zone")]
    public Guid ZoneId { get; init; }

    [JsonProperty("zonename"), Description("name of its zone")]
    public required string ZoneName { get; init; }

    [JsonProperty("podid"), Description("its pod")]
    public Guid PodId { get; init; }

    [JsonProperty("podname"), Description("name of its pod")]
    public required string PodName { get; init; }

    [JsonProperty("clusterid"), Description("its cluster")]
    public Guid ClusterId { get; init; }

    [JsonProperty("clustername"), Description("name of its cluster")]
    public required string ClusterName { get; init; }

    [JsonProperty("clustertype"), Description("always CloudManaged")]
    public string ClusterType => "CloudManaged";

    [JsonProperty("version"), Description("version of its agent")]
    public required string Version { get; init; }

    [JsonProperty("hypervisor"), Description("what it runs")]
    public required string Hypervisor { get; init; }

    [JsonProperty("hypervisorversion"), Description("version of what it runs")]
    public string? HypervisorVersion { get; init; }

    [JsonProperty("arch"), Description("its processors' architecture")]
    public required string Arch { get; init; }

    [JsonProperty("cpusockets"), Description("processor sockets")]
    public int? CpuSockets { get; init; }

    [JsonProperty("cpunumber"), Description("logical processors")]
    public int CpuNumber { get; init; }

    [JsonProperty("cpuspeed"), Description("speed of one processor in MHz")]
    public long CpuSpeed { get; init; }

    [JsonProperty("cpuwithoverprovisioning"), Description("MHz that may be given away")]
    public string CpuWithOverprovisioning => CpuTotal.ToString(CultureInfo.InvariantCulture);

    [JsonProperty("cpuallocatedvalue"), Description("MHz that are given away")]
    public long CpuAllocatedValue { get; init; }

    [JsonProperty("cpuallocated"), Description("the same as a share, e.g. 12.5%")]
    public string CpuAllocated => Share(CpuAllocatedValue, CpuTotal);

    [JsonProperty("memorytotal"), Description("RAM in bytes that may be given away; it is never over-committed")]
    public long MemoryTotal { get; init; }

    [JsonProperty("memoryallocated"), Description("RAM in bytes that is given away")]
    public long MemoryAllocated { get; init; }

    [JsonProperty("memoryallocatedbytes"), Description("the same")]
    public long MemoryAllocatedBytes => MemoryAllocated;

    [JsonProperty("memoryallocatedpercentage"), Description("the same as a share, e.g. 12.5%")]
    public string MemoryAllocatedPercentage => Share(MemoryAllocated, MemoryTotal);

    [JsonProperty("capabilities"), Description("comma-separated, e.g. hvm,snapshot")]
    public string? Capabilities { get; init; }

    [JsonProperty("hosttags"), Description("its tags, comma-separated")]
    public required string HostTags { get; init; }

    [JsonProperty("lastpinged"), Description("when it was heard last")]
    public DateTimeOffset? LastPinged { get; init; }

    [JsonProperty("disconnected"), Description("since when it is not heard")]
    public DateTimeOffset? Disconnected { get; init; }

    [JsonProperty("created"), Description("when it announced itself first")]
    public DateTimeOffset Created { get; init; }

    [JsonProperty("pcitotal"), Description("its PCI devices")]
    public int PciTotal { get; init; }

    [JsonProperty("pciused"), Description("its PCI devices that a virtual machine owns")]
    public int PciUsed { get; init; }

    [JsonProperty("suitableformigration"), Description("whether the virtual machine can be migrated there; told by findHostsForMigration")]
    public bool? SuitableForMigration { get; set; }

    [JsonProperty("unsuitablebecause"), Description("why it cannot")]
    public string? UnsuitableBecause { get; set; }

    [JsonProperty("hasenoughcapacity"), Description("whether it has the CPU and the RAM for it; told by findHostsForMigration")]
    public bool? HasEnoughCapacity { get; set; }

    [JsonProperty("requiresStorageMotion"), Description("always false; told by findHostsForMigration")]
    public bool? RequiresStorageMotion { get; set; }

    [JsonIgnore]
    public long CpuTotal { get; init; }

    private static string Share(long part, long whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{(whole == 0 ? 0 : 100m * part / whole):0.##}%");
}
