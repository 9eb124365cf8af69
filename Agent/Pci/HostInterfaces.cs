using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>The PCI functions that carry network interfaces by which the host is reached, below bridges, bonds and VLANs.</summary>
internal sealed class HostInterfaces(KernelFolder sysfs)
{
    private const string Interfaces = "class/net";
    private const string NetworkClass = "02";

    /// <summary>Interfaces that are made of interfaces; deeper than anybody stacks them.</summary>
    private const int Deepest = 16;

    private readonly SysfsPciBus _bus = new(sysfs);

    /// <summary>The functions, with what the host has there. An interface that the kernel does not show may be on any card.</summary>
    /// <param name="management">Names of interfaces, with the reason for each.</param>
    public IReadOnlyList<(PciAddress Function, string What)> Uses(IReadOnlyDictionary<string, string> management) =>
    [
        .. from one in management
           from function in Carriers(one.Key, 0)
           select (function.Function, function.Name is null ? $"maybe {one.Key}, {one.Value}"
               : function.Name == one.Key ? $"{one.Key}, {one.Value}" : $"{function.Name} of {one.Key}, {one.Value}"),
    ];

    /// <returns>The functions, with the names of their interfaces; null: it may be any.</returns>
    private IEnumerable<(PciAddress Function, string? Name)> Carriers(string name, int depth)
    {
        if (depth > Deepest) return [];
        if (PlaceOf(name) is not { } place) return AnyCards();
        if (SysfsPciBus.Carrier(place) is { } function) return [(function, name)];
        const string lower = "lower_";
        var below = (sysfs.Names(place) ?? []).Where(entry => entry.StartsWith(lower, StringComparison.Ordinal))
            .Select(entry => entry[lower.Length..]).ToList();
        // Open vSwitch does not say which of its ports an interface of its own leads to.
        if (below.Count == 0) below = [.. (sysfs.Names(Interfaces) ?? []).Where(other => other != name && Master(other) == "ovs-system")];
        return below.SelectMany(other => Carriers(other, depth + 1));
    }

    private IEnumerable<(PciAddress Function, string? Name)> AnyCards() => _bus.List().Values
        .Where(function => !function.IsHeldForGuests && function.Class?.StartsWith(NetworkClass, StringComparison.Ordinal) != false)
        .Select(function => (function.Address, (string?)null));

    private string? Master(string name) => sysfs.LinkName($"{Interfaces}/{name}/master");

    private string? PlaceOf(string name) => name.Contains('/', StringComparison.Ordinal) ? null : _bus.Device($"{Interfaces}/{name}");
}
