using System.Text.Json.Serialization;

namespace PciBus.Contracts.VirtualMachines;

/// <summary>How far an agent is with a command that goes on for a while.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CommandStep>))]
public enum CommandStep
{
    /// <summary>Looking whether it can be done; nothing has been touched.</summary>
    Checking,

    /// <summary>The guest has been asked to let go of devices.</summary>
    Detaching,

    /// <summary>The hypervisor is moving the VM; until its end a cancellation rolls back.</summary>
    Migrating,

    /// <summary>The VM stays, and gets back the devices that were taken from it.</summary>
    Reattaching,

    /// <summary>Devices are being attached.</summary>
    Attaching,

    /// <summary>Devices that the VM let go of are being reset and probed.</summary>
    Cleaning,
}
