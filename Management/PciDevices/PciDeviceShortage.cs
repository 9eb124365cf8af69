using PciBus.Management.VirtualMachines;

namespace PciBus.Management.PciDevices;

/// <summary>The devices that a running virtual machine should have and lacks, counted by the names under which it claimed them.</summary>
/// <param name="Missing">Names of which it owns fewer on its host than it should have, with how many more it is to be given.</param>
/// <param name="NotInDomain">Devices that it owns on its host and that are not in its domain, but should be.</param>
/// <param name="Why">What it lacks, for people; null for nothing. When not null, the virtual machine is Degraded.</param>
internal sealed record PciDeviceShortage(PciDeviceNames Missing, IReadOnlyList<PciDevice> NotInDomain, string? Why)
{
    public static PciDeviceShortage None { get; } = new(PciDeviceNames.None, [], null);

    /// <summary>A repair can do something about it.</summary>
    public bool NeedsRepair => !Missing.IsEmpty || NotInDomain.Count > 0;

    /// <summary>What a virtual machine should have.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <param name="offering">What its offering says.</param>
    public static PciDeviceNames WantedBy(VirtualMachine vm, string offering) => PciDeviceNames.ParseList(vm.WantedPciDevices ?? offering);

    /// <param name="wanted">What it should have.</param>
    /// <param name="owned">What it owns on its host.</param>
    /// <param name="vmUuid">The uuid of its domain.</param>
    public static PciDeviceShortage Of(PciDeviceNames wanted, IReadOnlyCollection<PciDevice> owned, Guid vmUuid)
    {
        var notInDomain = owned.Where(device => device.SeenIn != vmUuid).OrderBy(device => device.Address).ToList();
        var claimed = NamesOf(owned);
        var working = NamesOf(owned.Except(notInDomain));
        var reasons = wanted.Except(working).Counts.Keys.Select(name => Reason(name, wanted, claimed, working));
        var why = string.Join("; ", reasons);
        return new PciDeviceShortage(wanted.Except(claimed), notInDomain, why.Length > 0 ? why : null);
    }

    /// <summary>The names under which devices were claimed.</summary>
    public static PciDeviceNames NamesOf(IEnumerable<PciDevice> devices) =>
        PciDeviceNames.Of(devices.Select(device => device.ClaimedName ?? device.Name));

    private static string Reason(string name, PciDeviceNames wanted, PciDeviceNames claimed, PciDeviceNames working)
    {
        var notInDomain = claimed.Count(name) - working.Count(name);
        return $"{name}: {working.Count(name)} of {wanted.Count(name)}{(notInDomain > 0 ? $" ({notInDomain} not in its domain)" : "")}";
    }
}
