namespace PciBus.Management.PciDevices;

/// <summary>
/// What a running virtual machine lacks of what its offering says. Counted by the names under which it claimed: devices that were
/// attached by hand are those that it has beyond its offering, and one of a name that its offering lacks fills that gap.
/// </summary>
/// <param name="Wanted">Names of its offering of which it owns fewer on its host, with how many more it is to be given.</param>
/// <param name="NotInDomain">Devices that it owns on its host and that are not in its domain, by hand or not: it is to have them.</param>
/// <param name="Why">What it lacks of its offering, for people; null when nothing. By it the virtual machine is Degraded.</param>
internal sealed record PciDeviceShortage(PciDeviceNames Wanted, IReadOnlyList<PciDevice> NotInDomain, string? Why)
{
    public static PciDeviceShortage None { get; } = new(PciDeviceNames.None, [], null);

    /// <summary>Something can be done about it.</summary>
    public bool NeedsRepair => !Wanted.IsEmpty || NotInDomain.Count > 0;

    /// <param name="offering">What its offering says.</param>
    /// <param name="detached">What of it an operator has detached: it is lacked, and not to be given.</param>
    /// <param name="owned">What it owns on its host.</param>
    /// <param name="vmUuid">The uuid of its domain.</param>
    public static PciDeviceShortage Of(PciDeviceNames offering, PciDeviceNames detached, IReadOnlyCollection<PciDevice> owned, Guid vmUuid)
    {
        var notInDomain = owned.Where(device => device.SeenIn != vmUuid).OrderBy(device => device.Address).ToList();
        var claimed = NamesOf(owned);
        var working = NamesOf(owned.Except(notInDomain));
        var reasons = offering.Except(working).Counts.Keys.Select(name => Reason(name, offering, claimed, working, detached));
        var why = string.Join("; ", reasons);
        return new PciDeviceShortage(offering.Except(claimed).Except(detached), notInDomain, why.Length > 0 ? why : null);
    }

    /// <summary>The names under which devices were claimed.</summary>
    public static PciDeviceNames NamesOf(IEnumerable<PciDevice> devices) => PciDeviceNames.Of(devices.Select(device => device.ClaimedName ?? device.Name));

    private static string Reason(string name, PciDeviceNames offering, PciDeviceNames claimed, PciDeviceNames working, PciDeviceNames detached)
    {
        var notInDomain = claimed.Count(name) - working.Count(name);
        string[] parts =
        [
            .. notInDomain > 0 ? [$"{notInDomain} not in its domain"] : Array.Empty<string>(),
            .. detached.Count(name) > 0 ? [$"{detached.Count(name)} detached by hand"] : Array.Empty<string>(),
        ];
        return $"{name}: {working.Count(name)} of {offering.Count(name)}{(parts.Length > 0 ? $" ({string.Join(", ", parts)})" : "")}";
    }
}
