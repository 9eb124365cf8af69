using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Management.PciDevices;

namespace PciBus.Management.Api.PciDevices;

[ApiResponse("pcidevicehistory")]
internal sealed class PciDeviceHistoryResponse
{
    [JsonProperty("created"), Description("when it happened")]
    public DateTimeOffset Created { get; init; }

    [JsonProperty("what"), Description("what happened: Discovered, Claimed, Released, Renamed, Quarantined, ...")]
    public PciDeviceChange What { get; init; }

    [JsonProperty("why"), Description("why it happened")]
    public required string Why { get; init; }

    [JsonProperty("pcideviceid"), Description("the device; left out when it has been removed")]
    public Guid? PciDeviceId { get; init; }

    [JsonProperty("address"), Description("address of the device; left out when it is not known")]
    public string? Address { get; init; }

    [JsonProperty("name"), Description(
        "name of the device when this happened, or now when an earlier version wrote the line; left out when it is not known")]
    public string? Name { get; init; }

    [JsonProperty("claim"), Description("number of the ownership it happened to")]
    public long Claim { get; init; }

    [JsonProperty("virtualmachineid"), Description("the virtual machine it happened with")]
    public Guid? VirtualMachineId { get; init; }

    [JsonProperty("virtualmachinename"), Description("name of that virtual machine")]
    public string? VirtualMachineName { get; init; }

    [JsonProperty("hostid"), Description("host of the device")]
    public Guid HostId { get; init; }

    [JsonProperty("hostname"), Description("name of that host")]
    public required string HostName { get; init; }

    [JsonProperty("jobid"), Description("the job that brought it about")]
    public Guid? JobId { get; init; }
}
