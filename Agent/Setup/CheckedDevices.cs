using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Setup;

/// <summary>What <c>Agent check</c> says of the devices of pci.devices.</summary>
internal static class CheckedDevices
{
    /// <summary>A line for each device: its address and name, the pattern by which it is served, and why it is not.</summary>
    /// <param name="list">The list, with the devices that its patterns mean.</param>
    /// <param name="seen">The host's devices, as they are.</param>
    public static IEnumerable<string> Lines(PciDeviceList list, IReadOnlyList<PciDeviceTO> seen) =>
        from entry in list.Devices ?? []
        let pattern = entry.Pattern is null ? "" : $" (by {entry.Pattern})"
        let trouble = Trouble(entry, seen)
        select $"{entry.Address} {entry.Name}{pattern}{(trouble is null ? "" : $" is not served: {trouble}")}";

    /// <summary>Whether each device can be given out.</summary>
    public static bool AreReady(PciDeviceList list, IReadOnlyList<PciDeviceTO> seen) =>
        (list.Devices ?? []).All(entry => Trouble(entry, seen) is null);

    private static string? Trouble(PciDeviceEntry entry, IReadOnlyList<PciDeviceTO> seen) =>
        seen.FirstOrDefault(device => device.Address == entry.Address) is { } found ? found.Unusable : "the host sees no device there";
}
