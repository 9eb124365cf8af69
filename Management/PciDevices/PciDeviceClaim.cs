namespace PciBus.Management.PciDevices;

/// <summary>
/// What came of claiming one device for a virtual machine that runs: the device, or why there is none, or the refusal of a lost race.
/// </summary>
internal sealed record PciDeviceClaim
{
    public PciDevice? Device { get; init; }

    /// <summary>It was claimed now; else the virtual machine owned it before.</summary>
    public bool IsNew { get; init; }

    /// <summary>Why the host has none to give, for people.</summary>
    public string? WhyNot { get; init; }

    /// <summary>Somebody else was faster: the transaction is to be rolled back, and may be tried again.</summary>
    public Refusal? Refusal { get; init; }
}
