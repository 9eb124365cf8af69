using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>What the host itself lives on: PCI functions that no virtual machine may get.</summary>
/// <param name="Of">For what the host uses a function, e.g. <c>sda2, mounted at /</c>; a function that is not here is not used.</param>
internal sealed record HostUses(IReadOnlyDictionary<PciAddress, string> Of)
{
    public static HostUses None { get; } = new(new Dictionary<PciAddress, string>());

    /// <summary>Finds out what the host uses now.</summary>
    /// <param name="sysfs">The kernel's devices.</param>
    /// <param name="proc">Mounts, swap and routes.</param>
    /// <param name="management">Names of the network interfaces by which the host is reached, with the reason for each.</param>
    public static HostUses Read(KernelFolder sysfs, KernelFolder proc, IReadOnlyDictionary<string, string> management)
    {
        var uses = new HostDisks(sysfs, proc).Uses().Concat(new HostInterfaces(sysfs).Uses(management));
        return new HostUses(uses.GroupBy(use => use.Function).ToDictionary(
            group => group.Key, group => string.Join("; ", group.Select(use => use.What).Distinct())));
    }
}
