namespace PciBus.Contracts.PciDevices;

/// <summary>What became of one device that a command was to detach or to attach.</summary>
public sealed record PciDeviceOutcome
{
    public PciAddress Address { get; init; }

    public HotplugState State { get; init; }

    /// <summary>The agent's time when the device came into this state.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>
    /// Milliseconds from the request until then. Of a <see cref="HotplugState.Reattached"/> device: from its removal, which
    /// is how long the VM was without it.
    /// </summary>
    public long Took { get; init; }

    /// <summary>Why, for the operator; null when there is nothing to explain.</summary>
    public string? Reason { get; init; }
}
