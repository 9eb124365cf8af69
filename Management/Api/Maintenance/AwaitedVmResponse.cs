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
}
