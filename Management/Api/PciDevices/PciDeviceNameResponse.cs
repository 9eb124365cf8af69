using System.ComponentModel;
using Newtonsoft.Json;

namespace PciBus.Management.Api.PciDevices;

[ApiResponse("pcidevicename")]
internal sealed class PciDeviceNameResponse
{
    [JsonProperty("name"), Description("the name by which offerings ask for devices")]
    public required string Name { get; init; }

    [JsonProperty("total"), Description("devices of that name")]
    public int Total { get; init; }

    [JsonProperty("free"), Description("of them, those that can be given out now")]
    public int Free { get; init; }

    [JsonProperty("allocated"), Description("of them, those that a virtual machine on their host owns")]
    public int Allocated { get; init; }

    [JsonProperty("unusable"), Description("the rest: listPciDevices says why")]
    public int Unusable => Total - Free - Allocated;
}
