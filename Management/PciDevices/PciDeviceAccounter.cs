namespace PciBus.Management.PciDevices;

/// <summary>
/// Counts and picks the devices of one host. Planning, claiming and listing all ask here, so that they cannot disagree on
/// what is free.
/// </summary>
/// <param name="devices">All devices of the host.</param>
internal sealed class PciDeviceAccounter(IReadOnlyList<PciDevice> devices)
{
    /// <summary>What the host could give to a virtual machine that owns nothing on it yet.</summary>
    public PciDeviceNames Free => PciDeviceNames.Of(devices.Where(device => WhyNot(device) is null).Select(device => device.Name));

    /// <summary>Why a device cannot be given away now; null when it can.</summary>
    public string? WhyNot(PciDevice device) => device switch
    {
        { InstanceId: not null } => "in use",
        { Configured: false } => "not configured",
        { Present: false } => "missing",
        { Health: not PciDeviceHealth.Good } => "quarantined",
        { Enabled: false } => "disabled",
        { SeenIn: not null } => "in a domain that does not own it",
        _ => devices.Any(other => other.InstanceId is not null && AreSiblings(device, other)) ? "shares hardware with one in use" : null,
    };

    /// <summary>Picks the devices for a request, lowest addresses first; null when they are not all free.</summary>
    public IReadOnlyList<PciDevice>? Pick(PciDeviceNames request)
    {
        var picked = new List<PciDevice>();
        foreach (var (name, count) in request.Counts)
        {
            var free = devices
                .Where(device => device.Name == name && WhyNot(device) is null)
                .OrderBy(device => device.Address)
                .Where(device => !picked.Any(other => AreFunctionsOfEachOther(device, other)))
                .Take(count)
                .ToList();
            if (free.Count < count) return null;
            picked.AddRange(free);
        }

        return picked;
    }

    /// <summary>What is short for a request, e.g. <c>10GE: 2 asked, 1 free (1 disabled)</c>; null when nothing is.</summary>
    public string? Shortage(PciDeviceNames request)
    {
        var shortages = request.Counts.Where(asked => Free.Count(asked.Key) < asked.Value).Select(asked => Shortage(asked.Key, asked.Value));
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

    /// <summary>Devices that cannot be given to two virtual machines.</summary>
    private static bool AreSiblings(PciDevice one, PciDevice other) => one.Id != other.Id
        && ((one.IommuGroup is not null && one.IommuGroup == other.IommuGroup) || AreFunctionsOfEachOther(one, other));

    /// <summary>One is a virtual function of the other: giving one away takes the other with it.</summary>
    private static bool AreFunctionsOfEachOther(PciDevice one, PciDevice other) =>
        one.PhysicalFunction == other.Address.ToString() || other.PhysicalFunction == one.Address.ToString();
}
