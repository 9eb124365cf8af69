namespace PciBus.Management.PciDevices;

/// <summary>
/// Counts and picks the devices of one host. Planning, claiming and listing all ask here, so that they cannot disagree on
/// what is free.
/// </summary>
/// <param name="devices">All devices of the host, with the owners they have from now on.</param>
internal sealed class PciDeviceAccounter(IReadOnlyList<PciDevice> devices)
{
    /// <summary>Of how many physical functions with free virtual functions both uses are tried.</summary>
    private const int MostPhysical = 10;

    private readonly HashSet<int> _groupsInUse = [.. InUse(devices).Select(device => device.IommuGroup).OfType<int>()];
    private readonly HashSet<string> _parentsOfInUse = [.. InUse(devices).Select(device => device.PhysicalFunction).OfType<string>()];
    private readonly HashSet<string> _parentsInUse = ParentsInUse(devices);

    /// <summary>What the host could give to a virtual machine that owns nothing on it yet.</summary>
    public PciDeviceNames Free => PciDeviceNames.Of(devices.Where(device => WhyNot(device) is null).Select(device => device.Name));

    /// <summary>Why a device cannot be given away now, to follow "2 of them are" and "it is"; null when it can.</summary>
    public string? WhyNot(PciDevice device) => device switch
    {
        { InstanceId: not null } => "in use",
        { Configured: false } => "not configured",
        { Present: false } => "missing",
        { Unusable: not null } => "unusable",
        { Health: not PciDeviceHealth.Good } => "quarantined",
        { Enabled: false } => "disabled",
        { SeenIn: not null } => "in a domain that does not own it",
        _ => SharesWithOneInUse(device) ? "on the same hardware as one in use" : null,
    };

    /// <summary>
    /// Picks the devices for a request, lowest addresses first; null when no choice of free devices fits. A physical function takes its
    /// virtual functions with it, so it is given whole only when there is no other way.
    /// </summary>
    public IReadOnlyList<PciDevice>? Pick(PciDeviceNames request)
    {
        var free = devices.Where(device => request.Count(device.Name) > 0 && WhyNot(device) is null)
            .OrderBy(device => device.Address).ToList();
        var parents = free.Select(device => device.PhysicalFunction).OfType<string>().ToHashSet();
        var physical = parents.Count == 0 ? [] : free.Where(device => parents.Contains(device.AddressText)).Take(MostPhysical).ToList();
        for (var given = 0; given < 1 << physical.Count; given++)
        {
            var whole = physical.Where((_, i) => (given >> i & 1) == 1).ToList();
            var apart = physical.Except(whole).ToList();
            if (PickByName(request, [.. free.Where(device =>
                !apart.Contains(device) && !whole.Any(other => IsVirtualFunctionOf(device, other)))]) is { } picked) return picked;
        }

        return null;
    }

    /// <summary>What is short for a request, e.g. <c>10GE: 2 asked, 1 free (1 disabled)</c>; null when nothing is.</summary>
    public string? Shortage(PciDeviceNames request)
    {
        var shortages = request.Counts.Where(asked => Free.Count(asked.Key) < asked.Value)
            .Select(asked => Shortage(asked.Key, asked.Value));
        var text = string.Join("; ", shortages);
        return text.Length > 0 ? text : null;
    }

    private string Shortage(string name, int asked)
    {
        var reasons = devices
            .Where(device => device.Name == name)
            .Select(WhyNot)
            .OfType<string>()
            .GroupBy(reason => reason)
            .OrderByDescending(group => group.Count())
            .Select(group => $"{group.Count()} {group.Key}");
        var text = string.Join(", ", reasons);
        return $"{name}: {asked} asked, {Free.Count(name)} free{(text.Length > 0 ? $" ({text})" : "")}";
    }

    private static List<PciDevice>? PickByName(PciDeviceNames request, List<PciDevice> free)
    {
        var picked = request.Counts.SelectMany(asked => free.Where(device => device.Name == asked.Key).Take(asked.Value)).ToList();
        return picked.Count == request.Total ? picked : null;
    }

    /// <summary>A device is not given away beside a used one of its IOMMU group, physical function or virtual functions.</summary>
    private bool SharesWithOneInUse(PciDevice device) =>
        (device.IommuGroup is { } group && _groupsInUse.Contains(group))
        || (device.PhysicalFunction is { } parent && _parentsInUse.Contains(parent))
        || (_parentsOfInUse.Count > 0 && _parentsOfInUse.Contains(device.AddressText));

    private static IEnumerable<PciDevice> InUse(IReadOnlyList<PciDevice> devices) => devices.Where(device => device.InstanceId is not null);

    /// <summary>Physical functions in use that have virtual functions here.</summary>
    private static HashSet<string> ParentsInUse(IReadOnlyList<PciDevice> devices)
    {
        var parents = devices.Select(device => device.PhysicalFunction).OfType<string>().ToHashSet();
        return parents.Count == 0 ? [] : [.. InUse(devices).Select(device => device.AddressText).Where(parents.Contains)];
    }

    /// <summary>Giving one of the two away takes the other with it.</summary>
    private static bool IsVirtualFunctionOf(PciDevice one, PciDevice other) => one.PhysicalFunction == other.AddressText;
}
