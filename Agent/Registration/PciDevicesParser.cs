using System.Globalization;
using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Registration;

/// <summary>
/// Reads the value of <c>pci.devices</c>: <c>address|name</c> entries, each ended by a comma, blanks around allowed; on a host
/// whose bus can be looked at, <see cref="PciPattern"/> may stand for the address. A bad entry never spoils the others.
/// </summary>
internal static class PciDevicesParser
{
    /// <summary>Longest name of a device, in characters.</summary>
    public const int MaxNameLength = 64;

    /// <param name="value">The value.</param>
    /// <param name="bus">The host's functions, for patterns; null when there is no bus to look at.</param>
    public static (IReadOnlyList<PciDeviceEntry> Good, IReadOnlyList<BadPciDeviceEntry> Bad) Parse(string value, IReadOnlyList<PciFunction>? bus = null)
    {
        var good = new List<PciDeviceEntry>();
        var bad = new List<BadPciDeviceEntry>();
        if (string.IsNullOrWhiteSpace(value)) return (good, bad);

        var entries = value.Split(',').Index().Select(entry => (Position: entry.Index + 1, Text: entry.Item)).ToList();
        var positions = new Dictionary<PciAddress, int>();
        // What is written out wins over what a pattern means, wherever it stands.
        foreach (var (position, entry) in entries.OrderBy(entry => IsPattern(entry.Text)))
        {
            var reason = IsPattern(entry)
                ? ReadPattern(entry, bus, out var devices)
                : Read(entry, out devices) ?? Given(devices[0].Address, positions);
            foreach (var device in reason is null ? devices : [])
            {
                if (positions.TryAdd(device.Address, position)) good.Add(device with { Position = position });
            }

            if (reason is not null) bad.Add(new BadPciDeviceEntry { Entry = entry.Trim(), Position = position, Reason = reason });
        }

        return ([.. good.OrderBy(device => device.Position)], [.. bad.OrderBy(entry => entry.Position)]);
    }

    private static bool IsPattern(string entry) => PciPattern.IsMeant(entry.Split('|')[0]);

    private static string? Given(PciAddress address, Dictionary<PciAddress, int> positions) => positions.TryGetValue(address, out var position)
        ? string.Create(CultureInfo.InvariantCulture, $"{address} was given before, by entry {position}, which stands")
        : null;

    private static string? Read(string entry, out IReadOnlyList<PciDeviceEntry> devices)
    {
        var (place, name) = Halves(entry);
        devices = [];
        if (string.IsNullOrWhiteSpace(entry)) return "the entry is empty: a comma too many";
        if (!PciAddress.TryParse(place, out var address, out var reason)) return reason;
        devices = [new PciDeviceEntry(address, name)];
        return NameProblem(name);
    }

    private static string? ReadPattern(string entry, IReadOnlyList<PciFunction>? bus, out IReadOnlyList<PciDeviceEntry> devices)
    {
        var (place, name) = Halves(entry);
        devices = [];
        if (PciPattern.TryParse(place, out var reason) is not { } pattern) return reason;
        if (NameProblem(name) is { } problem) return problem;
        if (bus is null) return $"patterns are for hosts with hypervisor.type={AgentProperties.KvmType}, whose devices can be looked at";
        devices = [.. bus.Where(pattern.Matches).Select(function => new PciDeviceEntry(function.Address, name) { ByPattern = true })];
        return devices.Count == 0 ? "the host has no such device" : null;
    }

    private static (string Place, string Name) Halves(string entry)
    {
        var bar = entry.IndexOf('|', StringComparison.Ordinal);
        return bar < 0 ? (entry, "") : (entry[..bar], entry[(bar + 1)..].Trim());
    }

    private static string? NameProblem(string name)
    {
        if (name.Length == 0) return "the name is missing: address|name";
        if (name.Contains('|', StringComparison.Ordinal)) return "the name contains a |";
        return name.Length > MaxNameLength
            ? string.Create(CultureInfo.InvariantCulture, $"the name has {name.Length} characters, at most {MaxNameLength} are allowed")
            : null;
    }
}
