using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;

namespace PciBus.Management.PciDevices;

/// <summary>
/// Compares what a host reports with what is recorded. It never says anything about owners: inventory never frees. A
/// section that could not be collected changes nothing.
/// </summary>
internal static class PciDeviceInventory
{
    public static IReadOnlyList<InventoryChange> Compare(IReadOnlyList<PciDevice> known, HostReport report)
    {
        var holders = Holders(report);
        var reported = report.PciDevices?.ToDictionary(device => device.Address);
        var changes = known.Select(device => CompareKnown(device, reported, holders, report)).OfType<InventoryChange>().ToList();
        var addresses = known.Select(device => device.Address).ToHashSet();
        changes.AddRange((report.PciDevices ?? []).Where(device => !addresses.Contains(device.Address)).Select(device =>
            new InventoryChange(null, device)
            {
                Configured = true,
                Present = device.Present,
                Unusable = device.Unusable,
                SeenIn = holders?.GetValueOrDefault(device.Address),
                Story = [(PciDeviceChange.Discovered, $"reported as {device.Name}")],
            }));
        return changes;
    }

    private static InventoryChange? CompareKnown(
        PciDevice device, Dictionary<PciAddress, PciDeviceTO>? reported, Dictionary<PciAddress, Guid?>? holders, HostReport report)
    {
        var now = reported?.GetValueOrDefault(device.Address);
        var configured = reported is null ? device.Configured : now is not null;
        var present = now?.Present ?? device.Present;
        var unusable = reported is null ? device.Unusable : now?.Unusable;
        var isNewer = holders is not null
            && (report.Session, report.Sequence).CompareTo((device.SeenSession, device.SeenSequence)) > 0;
        var seenIn = isNewer ? holders!.GetValueOrDefault(device.Address) : device.SeenIn;
        var quarantine = now is { Present: true } && device.Health == PciDeviceHealth.Good ? AnotherIdentity(device, now) : null;

        var story = new List<(PciDeviceChange, string)>();
        if (configured != device.Configured)
        {
            story.Add(configured
                ? (PciDeviceChange.Configured, "in pci.devices again")
                : (PciDeviceChange.Unconfigured, "taken out of pci.devices"));
        }

        if (present != device.Present)
        {
            story.Add(present ? (PciDeviceChange.Returned, "seen again") : (PciDeviceChange.Missing, "the host does not see it"));
        }

        if (now is not null && now.Name != device.ReportedName)
        {
            story.Add((PciDeviceChange.Renamed, $"reported as {now.Name}, before as {device.ReportedName}"));
        }

        if (unusable is not null && device.Unusable is null) story.Add((PciDeviceChange.Unusable, unusable));
        if (now is { Present: true, Unusable: null } && device.Unusable is not null)
        {
            story.Add((PciDeviceChange.Usable, "the host says that it can be given to virtual machines again"));
        }

        if (quarantine is not null) story.Add((PciDeviceChange.Quarantined, quarantine));
        var remove = !configured && device.InstanceId is null && seenIn is null;
        if (remove) story.Add((PciDeviceChange.Removed, "nobody configured, owns or holds it"));
        var isSame = (seenIn, unusable) == (device.SeenIn, device.Unusable) && (now is null || SameFacts(device, now));
        if (story.Count == 0 && isSame) return null;
        return new InventoryChange(device, now)
        {
            Configured = configured,
            Present = present,
            Unusable = unusable,
            Quarantine = quarantine,
            SeenIn = seenIn,
            Remove = remove,
            Story = story,
        };
    }

    /// <summary>Which domain holds which device; null when the host could not list its domains.</summary>
    private static Dictionary<PciAddress, Guid?>? Holders(HostReport report) => report.VirtualMachines?
        .SelectMany(domain => domain.PciDevices.Select(address => (address, domain.Uuid)))
        .GroupBy(held => held.address)
        .ToDictionary(group => group.Key, group => (Guid?)group.First().Uuid);

    private static string? AnotherIdentity(PciDevice device, PciDeviceTO now) =>
        Differs(device.VendorId, now.VendorId) || Differs(device.ProductId, now.ProductId) || Differs(device.Serial, now.Serial)
            ? $"another device than before: {Identity(now.VendorId, now.ProductId, now.Serial)} "
                + $"instead of {Identity(device.VendorId, device.ProductId, device.Serial)}"
            : null;

    private static bool Differs(string? before, string? now) => before is not null && now is not null && before != now;

    private static string Identity(string? vendorId, string? productId, string? serial) =>
        $"{vendorId}:{productId}{(serial is null ? "" : $" serial {serial}")}";

    /// <summary>Of a device that is not there a report knows nothing but its name.</summary>
    private static bool SameFacts(PciDevice device, PciDeviceTO now) => !now.Present
        || ((device.VendorId, device.ProductId, device.Serial, device.Class) == (now.VendorId, now.ProductId, now.Serial, now.Class)
        && (device.IommuGroup, device.NumaNode, device.Driver, device.PhysicalFunction)
            == (now.IommuGroup, now.NumaNode, now.Driver, now.PhysicalFunction?.ToString()));
}

/// <summary>What a report changes about one device.</summary>
/// <param name="Known">The row as it is; null for a device that was not known before.</param>
/// <param name="Reported">What the report says of the device; null when the report does not name it.</param>
internal sealed record InventoryChange(PciDevice? Known, PciDeviceTO? Reported)
{
    public bool Configured { get; init; }

    public bool Present { get; init; }

    /// <summary>Why the device can be given to nobody, as its host says; null when it can.</summary>
    public string? Unusable { get; init; }

    /// <summary>Why the device must be quarantined from now on; null to leave its health as it is.</summary>
    public string? Quarantine { get; init; }

    /// <summary>Uuid of the domain that holds the device.</summary>
    public Guid? SeenIn { get; init; }

    /// <summary>The row goes: nobody configured, owns or holds the device.</summary>
    public bool Remove { get; init; }

    /// <summary>For the history.</summary>
    public IReadOnlyList<(PciDeviceChange What, string Why)> Story { get; init; } = [];
}
