using System.Text.Json.Serialization;

namespace PciBus.Contracts.VirtualMachines;

/// <summary>What the hypervisor showed of a VM after a command had been carried out. Only <see cref="Off"/> is evidence.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Observation>))]
public enum Observation
{
    /// <summary>The hypervisor could not be asked, or could not say; also the meaning of a value this version does not know.</summary>
    Unknown,

    /// <summary>A domain with the VM's uuid exists (also when paused or crashed: see the answer's status).</summary>
    Running,

    /// <summary>No domain with the VM's uuid exists, and no command that could make one is under way.</summary>
    Off,

    /// <summary>A command for the VM is being carried out at this moment, or a migration is bringing it here.</summary>
    UnderWay,
}
