using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>Whether the device that a command means is the device that sits at its address.</summary>
internal static class PciDeviceIdentity
{
    /// <summary>What differs, for the operator; null when nothing that both sides know differs.</summary>
    /// <param name="asked">The device as the command names it; parts that are null match all.</param>
    /// <param name="found">The device that the host sees at the address.</param>
    public static string? Difference(PciDeviceTO asked, PciDeviceTO found)
    {
        var difference = Differs("vendor", asked.VendorId, found.VendorId)
            ?? Differs("product", asked.ProductId, found.ProductId)
            ?? Differs("serial number", asked.Serial, found.Serial);
        return difference is null ? null : $"PCI device {asked.Address} is another one: {difference}";
    }

    private static string? Differs(string part, string? asked, string? found) =>
        asked is null || string.Equals(asked, found, StringComparison.OrdinalIgnoreCase)
            ? null
            : $"{part} is {found ?? "not known"}, not {asked}";
}
