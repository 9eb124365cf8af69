using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;

namespace PciBus.Management.PciDevices;

/// <summary>
/// Compares what a host reports with what is recorded. It never says anything about owners: inventory never frees. A
/// section that could not be collected changes nothing.
/// </summary>
internal static class PciDeviceInventory
{
    /// <param name="known">The host's rows, those of renumbered devices at their new addresses.</param>
    /// <param name="report">The report.</param>
    /// <param name="doubts">By address, why it cannot be told which device is there; null when that is certain everywhere.</param>
    public static IReadOnlyList<InventoryChange> Compare(
        IReadOnlyList<PciDevice> known, HostReport report, IReadOnlyDictionary<PciAddress, string>? doubts = null)
    {
        var holders = Holders(report);
        var reported = report.PciDevices?.ToDictionary(device => device.Address);
        var changes = known.Select(device => CompareKnown(device, reported, holders, doubts?.GetValueOrDefault(device.Address), report))
            .OfType<InventoryChange>().ToList();
        var addresses = known.Select(device => device.Address).ToHashSet();
        var moved = known.Where(device => device.ConfiguredAddress is not null).ToLookup(device => device.ConfiguredAddress!);
        changes.AddRange(
            from device in report.PciDevices ?? []
            where !addresses.Contains(device.Address)
            let before = moved[device.Address.ToString()].FirstOrDefault()
            // Its device is at another address, and has a row there.
            where device.Present || before is null || NamedElsewhere(before, reported) is null
            let stranger = device.Present && before is not null ? Stranger(device, before) : null
            let quarantine = doubts?.GetValueOrDefault(device.Address) ?? stranger
            select New(device, holders?.GetValueOrDefault(device.Address), quarantine));
        return changes;
    }

    private static InventoryChange New(PciDeviceTO device, Guid? seenIn, string? quarantine) => new(null, device)
    {
        Configured = true,
        Present = device.Present,
        Unusable = device.Unusable,
        Quarantine = quarantine,
        SeenIn = seenIn,
        Story =
        [
            (PciDeviceChange.Discovered, $"reported as {device.Name}"),
            .. quarantine is null ? [] : new[] { (PciDeviceChange.Quarantined, quarantine) },
        ],
    };

    private static InventoryChange? CompareKnown(
        PciDevice device,
        Dictionary<PciAddress, PciDeviceTO>? reported,
        Dictionary<PciAddress, Guid?>? holders,
        string? doubt,
        HostReport report)
    {
        var now = reported?.GetValueOrDefault(device.Address);
        var elsewhere = NamedElsewhere(device, reported);
        var configured = reported is null ? device.Configured : now is not null && elsewhere is null;
        var present = now?.Present ?? device.Present;
        var unusable = reported is null ? device.Unusable : now?.Unusable;
        var isNewer = holders is not null
            && (report.Session, report.Sequence).CompareTo((device.SeenSession, device.SeenSequence)) > 0;
        var seenIn = isNewer ? holders!.GetValueOrDefault(device.Address) : device.SeenIn;
        var quarantine = device.Health != PciDeviceHealth.Good ? null
            : doubt ?? (now is { Present: true } ? AnotherIdentity(device, now) : null);

        var story = new List<(PciDeviceChange, string)>();
        if (configured != device.Configured)
        {
            story.Add(configured ? (PciDeviceChange.Configured, "in pci.devices again")
                : elsewhere is null ? (PciDeviceChange.Unconfigured, "taken out of pci.devices")
                : (PciDeviceChange.Unconfigured, $"pci.devices says {elsewhere}"));
        }

        if (present != device.Present)
        {
            story.Add(present ? (PciDeviceChange.Returned, "seen again") : (PciDeviceChange.Missing, "the host does not see it"));
        }

        if (now is not null && elsewhere is null && now.Name != device.ReportedName)
        {
            story.Add((PciDeviceChange.Renamed, $"reported as {now.Name}, before as {device.ReportedName}"));
        }

        if (unusable is not null && device.Unusable is null) story.Add((PciDeviceChange.Unusable, unusable));
        if (now is { Present: true, Unusable: null } && device.Unusable is not null)
        {
            story.Add((PciDeviceChange.Usable, "the host says that it can be given to virtual machines again"));
        }

        if (quarantine is not null) story.Add((PciDeviceChange.Quarantined, quarantine));
        var remove = !configured && elsewhere is null && device.InstanceId is null && seenIn is null;
        if (remove) story.Add((PciDeviceChange.Removed, "nobody configured, owns or holds it"));
        var isSame = (seenIn, unusable, elsewhere) == (device.SeenIn, device.Unusable, device.ConfiguredAddress)
            && (now is null || SameFacts(device, now));
        if (story.Count == 0 && isSame) return null;
        return new InventoryChange(device, now)
        {
            Configured = configured,
            ConfiguredAddress = elsewhere,
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

    /// <summary>
    /// The address under which pci.devices still names a renumbered device; null once pci.devices names the device where it is, by its own
    /// name, or has no entry for the other address any more.
    /// </summary>
    private static string? NamedElsewhere(PciDevice device, Dictionary<PciAddress, PciDeviceTO>? reported)
    {
        if (device.ConfiguredAddress is not { } elsewhere || reported is null) return device.ConfiguredAddress;
        var isNamedHere = reported.GetValueOrDefault(device.Address)?.Name == device.ReportedName;
        return !isNamedHere && reported.ContainsKey(PciAddress.Parse(elsewhere)) ? elsewhere : null;
    }

    private static string Stranger(PciDeviceTO now, PciDevice before) =>
        $"another device than before: {Identity(now.VendorId, now.ProductId, now.Serial)} instead of "
        + $"{Identity(before.VendorId, before.ProductId, before.Serial)}, which is at {before.Address} since the host rebooted";

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

    /// <summary>The address under which pci.devices still names a renumbered device; null when that is its own.</summary>
    public string? ConfiguredAddress { get; init; }

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
