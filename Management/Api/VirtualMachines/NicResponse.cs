using System.ComponentModel;
using System.Globalization;
using Newtonsoft.Json;

namespace PciBus.Management.Api.VirtualMachines;

/// <summary>
/// The one network card that clients expect of a virtual machine. PciBus manages no networks: the card is made up of the virtual machine's
/// own ids, so that it is always the same.
/// </summary>
[ApiResponse("nic")]
internal sealed class NicResponse
{
    private static readonly Guid DefaultNetwork = new("b4f1f1c0-6c1a-4c7b-9b0e-6b1d6a1b0010");

    [JsonProperty("id"), Description("the card's id")]
    public Guid Id { get; init; }

    [JsonProperty("networkid"), Description("the one network there is")]
    public Guid NetworkId => DefaultNetwork;

    [JsonProperty("networkname"), Description("always default")]
    public string NetworkName => "default";

    [JsonProperty("macaddress"), Description("its hardware address")]
    public required string MacAddress { get; init; }

    [JsonProperty("isdefault"), Description("always true")]
    public bool IsDefault => true;

    [JsonProperty("traffictype"), Description("always Guest")]
    public string TrafficType => "Guest";

    [JsonProperty("type"), Description("always Shared")]
    public string Type => "Shared";

    [JsonProperty("deviceid"), Description("always 0: it is the first card")]
    public string DeviceId => "0";

    public static NicResponse Of(Guid vmUuid, long vmId) => new()
    {
        Id = IdOf(vmUuid),
        MacAddress = string.Create(
            CultureInfo.InvariantCulture, $"02:00:{vmId >> 24 & 0xff:x2}:{vmId >> 16 & 0xff:x2}:{vmId >> 8 & 0xff:x2}:{vmId & 0xff:x2}"),
    };

    /// <summary>Another id than the virtual machine's, and always the same.</summary>
    private static Guid IdOf(Guid vmUuid)
    {
        var bytes = vmUuid.ToByteArray();
        bytes[^1] ^= 0xff;
        return new Guid(bytes);
    }
}
