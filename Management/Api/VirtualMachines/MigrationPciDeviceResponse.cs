using System.ComponentModel;
using Newtonsoft.Json;
using PciBus.Contracts.PciDevices;

namespace PciBus.Management.Api.VirtualMachines;

/// <summary>What has happened to one device of a virtual machine that migrates.</summary>
[ApiResponse("migrationpcidevice")]
internal sealed class MigrationPciDeviceResponse
{
    [JsonProperty("address"), Description("where it sits on the host that is at work")]
    public required string Address { get; init; }

    [JsonProperty("state"), Description("detaching, removed, refused, pending (the guest said nothing, and may let go later), failed, "
        + "attaching, attached, reattached or unknown")]
    public required string State { get; init; }

    [JsonProperty("since"), Description("since when")]
    public DateTimeOffset Since { get; init; }

    [JsonProperty("took"), Description("milliseconds from the request until then; of a reattached device: how long it was away")]
    public long Took { get; init; }

    [JsonProperty("reason"), Description("why")]
    public string? Reason { get; init; }

    public static MigrationPciDeviceResponse Of(PciDeviceOutcome outcome) => new()
    {
        Address = outcome.Address.ToString(),
        State = outcome.State.ToString().ToLowerInvariant(),
        Since = outcome.At,
        Took = outcome.Took,
        Reason = outcome.Reason,
    };
}
