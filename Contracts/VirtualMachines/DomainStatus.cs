using System.Text.Json.Serialization;

namespace PciBus.Contracts.VirtualMachines;

/// <summary>What a domain that exists on a host does. Only in <see cref="Running"/> is it the VM that users see.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DomainStatus>))]
public enum DomainStatus
{
    /// <summary>Not known.</summary>
    Unknown,

    /// <summary>The domain runs here, also while it is being migrated away.</summary>
    Running,

    /// <summary>The domain exists and does not run; also what an unconfirmed migration may leave on its source.</summary>
    Paused,

    /// <summary>A migration is bringing the domain here: it does not run here, and may never run here.</summary>
    Incoming,

    /// <summary>The guest has crashed; the domain still holds its devices.</summary>
    Crashed,
}
