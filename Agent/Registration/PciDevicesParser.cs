using System.Globalization;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Registration;

/// <summary>
/// Reads the value of <c>pci.devices</c>: <c>address|name</c> entries, each ended by a comma, blanks around allowed. A bad
/// entry never spoils the others.
/// </summary>
internal static class PciDevicesParser
{
    /// <summary>Longest name of a device, in characters.</summary>
    public const int MaxNameLength = 64;

    public static (IReadOnlyList<PciDeviceEntry> Good, IReadOnlyList<BadPciDeviceEntry> Bad) Parse(string value)
    {
        var good = new List<PciDeviceEntry>();
        var bad = new List<BadPciDeviceEntry>();
        if (string.IsNullOrWhiteSpace(value)) return (good, bad);

        var positions = new Dictionary<PciAddress, int>();
        foreach (var (index, entry) in value.Split(',').Index())
        {
            var reason = Read(entry, out var device);
            if (reason is null && !positions.TryAdd(device.Address, index + 1))
            {
                reason = string.Create(
                    CultureInfo.InvariantCulture, $"{device.Address} was given before, by entry {positions[device.Address]}, which stands");
            }

            if (reason is null) good.Add(device);
            else bad.Add(new BadPciDeviceEntry { Entry = entry.Trim(), Position = index + 1, Reason = reason });
        }

        return (good, bad);
    }

    private static string? Read(string entry, out PciDeviceEntry device)
    {
        var bar = entry.IndexOf('|', StringComparison.Ordinal);
        var name = bar < 0 ? "" : entry[(bar + 1)..].Trim();
        device = new PciDeviceEntry(default, name);
        if (string.IsNullOrWhiteSpace(entry)) return "the entry is empty: a comma too many";
        if (!PciAddress.TryParse(bar < 0 ? entry : entry[..bar], out var address, out var reason)) return reason;
        device = new PciDeviceEntry(address, name);
        if (name.Length == 0) return "the name is missing: address|name";
        if (name.Contains('|', StringComparison.Ordinal)) return "the name contains a |";
        return name.Length > MaxNameLength
            ? string.Create(CultureInfo.InvariantCulture, $"the name has {name.Length} characters, at most {MaxNameLength} are allowed")
            : null;
    }
}

/// <summary>A good entry of <c>pci.devices</c>: the device at this address may be handed out under this name.</summary>
internal sealed record PciDeviceEntry(PciAddress Address, string Name);

/// <summary>What agent.properties says of the host's devices.</summary>
/// <param name="Devices">The devices to serve; null when no list could ever be read, which is not "none".</param>
/// <param name="Bad">Entries that are not served.</param>
/// <param name="Warnings">Why the list may be older than the file.</param>
internal sealed record PciDeviceList(
    IReadOnlyList<PciDeviceEntry>? Devices, IReadOnlyList<BadPciDeviceEntry> Bad, IReadOnlyList<string> Warnings);
