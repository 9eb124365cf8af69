using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Management.Events;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api.Alerts;

[ApiResponse("alert", typeof(Alert))]
internal sealed class AlertResponse
{
    /// <summary>CloudStack numbers its own types far below.</summary>
    private const int FirstType = 200;

    [JsonProperty("id"), Description("the alert's id")]
    public Guid Id { get; init; }

    [JsonProperty("type"), Description("number of its type; left out for one that only newer servers know")]
    public int? Type => StoredNames.IsNewer(Kind) ? null : FirstType + (int)Kind;

    [JsonProperty("name"), Description("its type, e.g. PciDeviceQuarantined")]
    public string Name => StoredNames.Of(Kind);

    [JsonProperty("description"), Description("what must be looked at, in one line")]
    public required string Description { get; init; }

    [JsonProperty("details"), Description("what else is known")]
    public required string Details { get; init; }

    [JsonProperty("hostid"), Description("the host it is about")]
    public Guid? HostId { get; init; }

    [JsonProperty("hostname"), Description("name of that host")]
    public string? HostName { get; init; }

    [JsonProperty("virtualmachineid"), Description("the virtual machine it is about")]
    public Guid? VirtualMachineId { get; init; }

    [JsonProperty("virtualmachinename"), Description("name of that virtual machine")]
    public string? VirtualMachineName { get; init; }

    [JsonProperty("sent"), Description("when it was raised")]
    public DateTimeOffset Sent { get; init; }

    [JsonProperty("resolved"), Description("when it ended: its cause went away, or it was archived; left out while it stands")]
    public DateTimeOffset? Resolved { get; init; }

    [JsonIgnore]
    public AlertType Kind { get; init; }

    /// <summary>The type with a name, in any case, or a number.</summary>
    /// <exception cref="ApiException">There is none.</exception>
    public static AlertType TypeOf(string text) =>
        Enum.GetValues<AlertType>().Cast<AlertType?>().FirstOrDefault(type =>
            string.Equals($"{type}", text, StringComparison.OrdinalIgnoreCase) || $"{FirstType + (int)type!}" == text)
        ?? throw ApiException.InvalidParameter(
            $"There is no type of alerts {text}: it is one of {string.Join(", ", Enum.GetNames<AlertType>())}");
}
