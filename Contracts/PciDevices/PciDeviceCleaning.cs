namespace PciBus.Contracts.PciDevices;

/// <summary>What became of one device after a VM let go of it: the agent resets and probes it before it answers.</summary>
public sealed record PciDeviceCleaning
{
    public PciAddress Address { get; init; }

    /// <summary>The device was reset and its config space answers.</summary>
    public bool Clean { get; init; }

    /// <summary>Why it is not clean; null when it is.</summary>
    public string? Reason { get; init; }
}
