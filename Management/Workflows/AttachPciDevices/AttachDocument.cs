using System.Collections.Immutable;

namespace PciBus.Management.Workflows.AttachPciDevices;

/// <summary>What an attach has to do, and has done so far.</summary>
internal sealed record AttachDocument
{
    /// <summary>Any free device of this name; with a device, others of the name are tried after it. Null: no other is tried.</summary>
    public string? Name { get; init; }

    /// <summary>The device that is wanted; null for any of the name.</summary>
    public long? DeviceId { get; init; }

    /// <summary>No caller asked: the virtual machine lacks the device.</summary>
    public bool Repair { get; init; }

    /// <summary>The device that is being attached; null before one is claimed.</summary>
    public ChosenDevice? Device { get; init; }

    /// <summary>How often its host was told to attach it.</summary>
    public int Told { get; init; }

    /// <summary>How often its host has said that it could not attach the device.</summary>
    public int Failures { get; init; }

    /// <summary>The host has answered, and is told again at the deadline.</summary>
    public bool Pauses { get; init; }

    /// <summary>Devices that could not be attached.</summary>
    public ImmutableList<long> Tried { get; init; } = [];

    /// <summary>Why the last device could not be attached; null while none has failed.</summary>
    public string? LastFailure { get; init; }
}

internal enum AttachStep
{
    Begin,

    /// <summary>A device is being claimed.</summary>
    Claiming,

    /// <summary>The host was told to attach the device.</summary>
    Attaching,

    /// <summary>
    /// The device could not be attached: the host was told to make sure that the virtual machine does not have it, and to clean it.
    /// </summary>
    TakingBack,
}
