using System.Text.Json.Serialization;

namespace PciBus.Contracts.VirtualMachines;

/// <summary>What a domain that exists on a host does. Only in <see cref="Running"/> is it the VM that users see.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DomainStatus>))]
public enum DomainStatus
{
    /// <summary>Not known.</summary>
    Unknown,

    /// <summary>It runs here, also while it is being migrated away.</summary>
    Running,

    /// <summary>It exists and does not run; also what a migration may leave on its source when its end could not be confirmed.</summary>
    Paused,

    /// <summary>A migration is bringing it here: it does not run here, and may never.</summary>
    Incoming,

    /// <summary>The guest has crashed; the domain still holds its devices.</summary>
    Crashed,
}
