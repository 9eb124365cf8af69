namespace PciBus.Contracts.PciDevices;

/// <summary>An entry of <c>pci.devices</c> that could not be served; the other entries are.</summary>
public sealed record BadPciDeviceEntry
{
    /// <summary>The entry as written.</summary>
    public string Entry { get; init; } = "";

    /// <summary>Its place in the list, from 1.</summary>
    public int Position { get; init; }

    public string Reason { get; init; } = "";
}
