using System.Globalization;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Registration;

/// <summary>
/// Finds the devices that the patterns of pci.devices mean. Bridges, and physical functions of which there are virtual functions, are meant
/// by no pattern: they can be given to nobody. An address that an entry names itself is that entry's alone.
/// </summary>
internal static class PciPatternExpansion
{
    private const string BridgeClass = "06";

    /// <summary>The list with the devices that its patterns mean; what is wrong with a pattern takes nothing from the others.</summary>
    /// <param name="list">The list as written.</param>
    /// <param name="devices">All devices of the host.</param>
    public static PciDeviceList Expand(PciDeviceList list, IReadOnlyList<PciDeviceTO> devices)
    {
        var physical = devices.Select(device => device.PhysicalFunction).OfType<PciAddress>().ToHashSet();
        List<PciDeviceTO> eligible = [.. devices.Where(device => !physical.Contains(device.Address)
            && device.Class?.StartsWith(BridgeClass, StringComparison.Ordinal) != true)];
        var named = (list.Devices ?? []).Select(entry => entry.Address).ToHashSet();
        var found = eligible.Where(device => !named.Contains(device.Address)).OrderBy(device => device.Address)
            .Select(device => Meant(device, list.Patterns)).OfType<MeantDevice>().ToList();
        return list with
        {
            Devices = list.Devices is null ? null :
            [
                .. list.Devices,
                .. found.Where(one => one.Other is null)
                    .Select(one => new PciDeviceEntry(one.Address, one.First.Name) { Pattern = one.First.Pattern.Text }),
            ],
            Bad =
            [
                .. list.Bad,
                .. found.Where(one => one.Other is not null).GroupBy(one => (one.First, Other: one.Other!), one => one.Address)
                    .Select(conflict => Conflict(conflict.Key.First, conflict.Key.Other, [.. conflict])),
            ],
            Warnings =
            [
                .. list.Warnings,
                .. list.Patterns.Where(pattern => !eligible.Any(pattern.Pattern.Matches)).Select(MeansNothing),
            ],
        };
    }

    private static MeantDevice? Meant(PciDeviceTO device, IReadOnlyList<PciPatternEntry> patterns)
    {
        var fitting = patterns.Where(pattern => pattern.Pattern.Matches(device)).ToList();
        return fitting.Count == 0
            ? null
            : new MeantDevice(device.Address, fitting[0], fitting.FirstOrDefault(pattern => pattern.Name != fitting[0].Name));
    }

    private static BadPciDeviceEntry Conflict(PciPatternEntry first, PciPatternEntry other, IReadOnlyList<PciAddress> addresses) => new()
    {
        Entry = other.Entry,
        Position = other.Position,
        Reason = string.Create(
            CultureInfo.InvariantCulture,
            $"it and entry {first.Position} \"{first.Entry}\" give {addresses[0]}{More(addresses)} two names: give it an entry of its own"),
    };

    private static string MeansNothing(PciPatternEntry pattern) => string.Create(
        CultureInfo.InvariantCulture, $"pci.devices entry {pattern.Position} \"{pattern.Entry}\" means no device of this host");

    private static string More(IReadOnlyList<PciAddress> addresses) =>
        addresses.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" (and {addresses.Count - 1} more)");

    /// <param name="First">The first pattern that means the device.</param>
    /// <param name="Other">A pattern that gives it another name; null for none.</param>
    private sealed record MeantDevice(PciAddress Address, PciPatternEntry First, PciPatternEntry? Other);
}
