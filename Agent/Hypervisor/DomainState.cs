using System.Text.Json.Serialization;

namespace PciBus.Agent.Hypervisor;

/// <summary>State of a domain that exists; in each of them it holds its devices.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DomainState>))]
internal enum DomainState
{
    Running,
    Paused,
    Crashed,
}
