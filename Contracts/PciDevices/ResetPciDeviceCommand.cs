namespace PciBus.Contracts.PciDevices;

/// <summary>
/// Management to an agent: reset this device and probe it, as part of taking it out of quarantine. Safe to repeat; a
/// device that a domain holds is not touched.
/// </summary>
public sealed record ResetPciDeviceCommand : Command
{
    /// <summary>The agent session it was written for; another session answers "not begun".</summary>
    public long Session { get; init; }

    public PciDeviceTO Device { get; init; } = new();
}

/// <summary>The agent's answer: <see cref="Answer.Result"/> is true when the device is clean.</summary>
public sealed record ResetPciDeviceAnswer : Answer
{
    public string HostGuid { get; init; } = "";

    public long Session { get; init; }

    public long DeviceId { get; init; }

    /// <summary>The command's <see cref="PciDeviceTO.Claim"/>: a device that was claimed since may be dirty again.</summary>
    public long Claim { get; init; }
}

/// <summary>What became of one device after a VM let go of it: the agent resets and probes it before it answers.</summary>
public sealed record PciDeviceCleaning
{
    public PciAddress Address { get; init; }

    /// <summary>The device was reset and its config space answers.</summary>
    public bool Clean { get; init; }

    /// <summary>Why it is not clean; null when it is.</summary>
    public string? Reason { get; init; }
}
