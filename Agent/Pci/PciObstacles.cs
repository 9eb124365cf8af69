using System.Collections.Concurrent;
using System.Globalization;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>
/// Why a function of the host must not be handed out, though agent.properties names it. What the host has once been seen to
/// need stays so for as long as the agent runs: an address that a renewal comes late for, or a file system that is unmounted
/// for a moment, does not give a device away.
/// </summary>
internal sealed class PciObstacles(Sysfs sysfs, HostUse use)
{
    private readonly ConcurrentDictionary<PciAddress, string> _needed = [];

    /// <summary>For the operator; null when there is nothing against it.</summary>
    /// <param name="function">The function.</param>
    /// <param name="configured">All that agent.properties names: the host has no use for those, or they have an obstacle of their own.</param>
    public string? Of(PciFunction function, IReadOnlyDictionary<PciAddress, PciDeviceEntry> configured) => OwnObstacle(function, configured)
        ?? function.GroupMembers.Where(member => member != function.Address).Select(member => Neighbour(function, member, configured)).FirstOrDefault(text => text is not null);

    /// <summary>The other functions of its group that agent.properties names too: the group is usable when none is with another driver.</summary>
    public IEnumerable<PciAddress> Partners(PciFunction function, IReadOnlyDictionary<PciAddress, PciDeviceEntry> configured) =>
        function.GroupMembers.Where(member => member != function.Address && configured.ContainsKey(member)
            && sysfs.Find(member) is { } partner && OwnObstacle(partner, configured) is null);

    private string? OwnObstacle(PciFunction function, IReadOnlyDictionary<PciAddress, PciDeviceEntry> configured)
    {
        if (function.IsBridge) return $"it is a bridge (class {function.Class}): only endpoints can be handed out";
        if (function.IommuGroup is null)
        {
            return "it has no IOMMU group: turn the IOMMU on in the firmware and on the kernel's command line (intel_iommu=on; AMD's is on by default)";
        }

        // The kernel would take them away, from running virtual machines too, and libvirt lets it.
        if (function.VirtualFunctions is [var first, ..])
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"its {function.VirtualFunctions.Count} virtual functions ({first}, ...) would vanish: hand out those, or write 0 to its sriov_numvfs first");
        }

        if (function.Driver is VfioBinder.Driver) return null;
        return NeedOf(function) ?? DiskObstacle(function) ?? (configured.GetValueOrDefault(function.Address)?.ByPattern == true ? PatternObstacle(function) : null);
    }

    private string? NeedOf(PciFunction function)
    {
        if (use.Of(function) is { } what) return $"the host needs it: {_needed[function.Address] = what}";
        return _needed.TryGetValue(function.Address, out var before)
            ? $"the host has needed it since the agent started: {before}; restart the agent when the host can do without it"
            : null;
    }

    /// <summary>Not everything that uses a disk can be seen: nothing that has one is taken from its driver.</summary>
    private string? DiskObstacle(PciFunction function)
    {
        if (function.Driver is null) return null;
        if (function.IsStorage) return $"it is a storage controller that the host drives with {function.Driver}: give it to vfio-pci yourself, when the host boots";
        return use.DiskOf(function.Address) is { } disk ? $"the host has the disk {disk} on it: give it to vfio-pci yourself, when the host boots" : null;
    }

    /// <summary>Nobody has named this very device.</summary>
    private string? PatternObstacle(PciFunction function)
    {
        if (function.IsStorage) return "it is a storage controller, which a pattern does not take: write its address out";
        return use.InterfaceUpOf(function.Address) is { } network ? $"{network} is up, and a pattern does not take it: write its address out, or set {network} down" : null;
    }

    /// <summary>A group is handed out as a whole: nobody else may drive a part of it.</summary>
    private string? Neighbour(PciFunction function, PciAddress member, IReadOnlyDictionary<PciAddress, PciDeviceEntry> configured)
    {
        if (sysfs.Find(member) is not { IsBridge: false, Driver: not null and not VfioBinder.Driver and not "pci-stub" } neighbour) return null;
        if (configured.ContainsKey(member) && OwnObstacle(neighbour, configured) is null) return null;
        return $"it shares IOMMU group {function.IommuGroup} with {member}, which the host drives with {neighbour.Driver}";
    }
}
