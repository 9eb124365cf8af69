using System.Globalization;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Registration;

/// <summary>
/// Reads the value of <c>pci.devices</c>: <c>address|name</c> or <c>pattern|name</c> entries, each ended by a comma, blanks
/// around allowed. A bad entry never spoils the others.
/// </summary>
internal static class PciDevicesParser
{
    /// <summary>Longest name of a device, in characters.</summary>
    public const int MaxNameLength = 64;

    /// <summary>What a value says; its patterns are not looked up yet.</summary>
    public static PciDeviceList Parse(string value)
    {
        var good = new List<PciDeviceEntry>();
        var patterns = new List<PciPatternEntry>();
        var bad = new List<BadPciDeviceEntry>();
        var positions = new Dictionary<PciAddress, int>();
        foreach (var (index, entry) in string.IsNullOrWhiteSpace(value) ? [] : value.Split(',').Index())
        {
            var bar = entry.IndexOf('|', StringComparison.Ordinal);
            var (device, name) = bar < 0 ? (entry, "") : (entry[..bar], entry[(bar + 1)..].Trim());
            var reason = string.IsNullOrWhiteSpace(entry) ? "the entry is empty: a comma too many" : null;
            if (reason is null && PciDevicePattern.IsMeant(device))
            {
                var pattern = PciDevicePattern.Read(device, out reason);
                reason ??= WhyNotName(name);
                if (reason is null) patterns.Add(new PciPatternEntry(pattern!, name, entry.Trim(), index + 1));
            }
            else if (reason is null && PciAddress.TryParse(device, out var address, out reason))
            {
                reason = WhyNotName(name);
                if (reason is null && !positions.TryAdd(address, index + 1))
                {
                    reason = string.Create(
                        CultureInfo.InvariantCulture, $"{address} was given before, by entry {positions[address]}, which stands");
                }

                if (reason is null) good.Add(new PciDeviceEntry(address, name));
            }

            if (reason is not null) bad.Add(new BadPciDeviceEntry { Entry = entry.Trim(), Position = index + 1, Reason = reason });
        }

        return new PciDeviceList(good, bad, []) { Patterns = patterns };
    }

    private static string? WhyNotName(string name)
    {
        if (name.Length == 0) return "the name is missing: address|name";
        if (name.Contains('|', StringComparison.Ordinal)) return "the name contains a |";
        return name.Length > MaxNameLength
            ? string.Create(CultureInfo.InvariantCulture, $"the name has {name.Length} characters, at most {MaxNameLength} are allowed")
            : null;
    }
}

/// <summary>A good entry of <c>pci.devices</c>: the device at this address may be handed out under this name.</summary>
internal sealed record PciDeviceEntry(PciAddress Address, string Name)
{
    /// <summary>The pattern that means it; null when an entry names it itself.</summary>
    public string? Pattern { get; init; }
}

/// <summary>A good entry of <c>pci.devices</c> that means all devices that fit.</summary>
/// <param name="Pattern">What fits.</param>
/// <param name="Name">The name of each of them.</param>
/// <param name="Entry">The entry as written.</param>
/// <param name="Position">Its place in the list, from 1.</param>
internal sealed record PciPatternEntry(PciDevicePattern Pattern, string Name, string Entry, int Position);

/// <summary>What agent.properties says of the host's devices.</summary>
/// <param name="Devices">The devices to serve; null when no list could ever be read, which is not "none".</param>
/// <param name="Bad">Entries that are not served.</param>
/// <param name="Warnings">Why the list may be older than the file.</param>
internal sealed record PciDeviceList(
    IReadOnlyList<PciDeviceEntry>? Devices, IReadOnlyList<BadPciDeviceEntry> Bad, IReadOnlyList<string> Warnings)
{
    /// <summary>The entries that are patterns; <see cref="ConfiguredDevices"/> finds the devices that they mean.</summary>
    public IReadOnlyList<PciPatternEntry> Patterns { get; init; } = [];
}
