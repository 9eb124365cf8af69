using System.Text.Json.Serialization;

namespace PciBus.Contracts.VirtualMachines;

/// <summary>What an agent says of a domain in a report.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PowerState>))]
public enum PowerState
{
    PowerUnknown,
    PowerOn,
    PowerOff,
}
