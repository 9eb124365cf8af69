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

    /// <summary>Devices are being attached.</summary>
    Attaching,

    /// <summary>Devices that the VM let go of are being reset and probed.</summary>
    Cleaning,
}
