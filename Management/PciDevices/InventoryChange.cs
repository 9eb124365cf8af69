using PciBus.Contracts.PciDevices;

namespace PciBus.Management.PciDevices;

/// <summary>What a report changes about one device.</summary>
/// <param name="Known">The row as it is; null for a device not known before.</param>
/// <param name="Reported">What the report says of it; null when it does not name it.</param>
internal sealed record InventoryChange(PciDevice? Known, PciDeviceTO? Reported)
{
    public bool Configured { get; init; }

    public bool Present { get; init; }

    /// <summary>Why it must be quarantined from now on; null to leave its health as it is.</summary>
    public string? Quarantine { get; init; }

    /// <summary>Uuid of the domain that holds it.</summary>
    public Guid? SeenIn { get; init; }

    /// <summary>The row goes: nobody configured it, nobody owns it, nobody holds it.</summary>
    public bool Remove { get; init; }

    /// <summary>For the history.</summary>
    public IReadOnlyList<(PciDeviceChange What, string Why)> Story { get; init; } = [];
}
