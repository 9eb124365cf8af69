using System.ComponentModel;
using Newtonsoft.Json;

namespace PciBus.Management.Api.VirtualMachines;

/// <summary>A device as its owner sees it; <c>listPciDevices</c> says more.</summary>
[ApiResponse("pcidevice")]
internal sealed class VirtualMachinePciDeviceResponse
{
    [JsonProperty("id"), Description("the device's id")]
    public Guid Id { get; init; }

    [JsonProperty("name"), Description("the name under which it was claimed")]
    public required string Name { get; init; }

    [JsonProperty("address"), Description("where it sits on its host")]
    public required string Address { get; init; }

    [JsonProperty("hostid"), Description("its host")]
    public Guid HostId { get; init; }

    [JsonProperty("hostname"), Description("name of its host")]
    public required string HostName { get; init; }

    [JsonProperty("state"), Description("Allocated, on both hosts while it migrates; or Stray: that host has not confirmed that the virtual machine is off there")]
    public required string State { get; init; }
}
