namespace PciBus.Management.PciDevices;

/// <summary>
/// What came of claiming one device for a virtual machine that runs: the device, or why there is none, or the refusal of a lost race.
/// </summary>
internal sealed record PciDeviceClaim
{
    public PciDevice? Device { get; init; }

    /// <summary>The device was claimed now; else the virtual machine owned it before.</summary>
    public bool IsNew { get; init; }

    /// <summary>Why the host has no device to give, for people.</summary>
    public string? WhyNot { get; init; }

    /// <summary>Another transaction was faster: this one is to be rolled back, and may be tried again.</summary>
    public Refusal? Refusal { get; init; }
}
