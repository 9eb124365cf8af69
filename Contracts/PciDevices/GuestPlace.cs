namespace PciBus.Contracts.PciDevices;

/// <summary>
/// Where a guest sees, or saw, a device of a name. A device of that name that the guest gets in its stead goes to the same place.
/// </summary>
public sealed record GuestPlace
{
    /// <summary>The given name of the device, as the VM owned it.</summary>
    public string Name { get; init; } = "";

    /// <summary>The guest's PCI address, e.g. <c>0000:06:00.0</c>.</summary>
    public string Address { get; init; } = "";
}
