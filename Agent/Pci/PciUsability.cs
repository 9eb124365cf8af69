using System.Globalization;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>
/// Whether a device of pci.devices may be given to a virtual machine at all. Decides by what was seen, and changes nothing.
/// </summary>
/// <param name="find">A function of the host; null when there is none at the address.</param>
/// <param name="groups">The members of an IOMMU group; null when they cannot be read.</param>
/// <param name="uses">What the host lives on; read once at most, and only where a driver of the host may have the device.</param>
/// <param name="toBeBound">Devices that are about to be bound to vfio-pci, if nothing is against it: their drivers do not count.</param>
internal sealed class PciUsability(
    Func<PciAddress, PciFunction?> find,
    Func<int, IReadOnlyList<PciAddress>?> groups,
    Func<HostUses> uses,
    IReadOnlySet<PciAddress> toBeBound)
{
    /// <summary>Drivers that leave a device of the group alone.</summary>
    private static readonly string[] Harmless = ["pci-stub", "pcieport"];

    private const int MostNamed = 2;

    private readonly Lazy<HostUses> _uses = new(uses);

    /// <summary>Why the device may not be given away, and what to do about it; null when it may.</summary>
    public string? WhyNot(PciFunction device) => WhyNotItself(device) ?? WhyNotItsGroup(device);

    private string? WhyNotItself(PciFunction device) => device switch
    {
        { IsBridge: true } => $"{device.Address} is a bridge (class {device.Class ?? "not known"}): take it out of pci.devices",
        _ when UseOf(device) is { } use =>
            $"the host lives on {device.Address}: it carries {use}; move that off the device, or take the device out of pci.devices",
        { HasVirtualFunctions: true } =>
            $"{device.Address} has virtual functions ({Names(device)}), and would take them from their owners: write 0 to its "
            + "sriov_numvfs, or list the virtual functions in pci.devices instead",
        { VendorId: null } or { ProductId: null } =>
            $"the kernel does not say what {device.Address} is: look at its vendor and device in sysfs",
        { Answers: false } => $"{device.Address} does not answer: its configuration space is all ff; a reset of its slot or a power cycle "
            + "of the host may bring it back",
        { IommuGroup: null } => $"{device.Address} is in no IOMMU group: switch the IOMMU on in the firmware (VT-d, AMD-Vi) and for the "
            + "kernel (intel_iommu=on)",
        _ => null,
    };

    private string? WhyNotItsGroup(PciFunction device)
    {
        if (groups(device.IommuGroup!.Value) is not { } members)
        {
            return $"{device.Address} is in IOMMU group {device.IommuGroup}, and which devices share it cannot be read";
        }

        foreach (var other in members.Where(address => address != device.Address).Select(find).OfType<PciFunction>())
        {
            if (UseOf(other) is { } use)
            {
                return $"{device.Address} shares IOMMU group {device.IommuGroup} with {other.Description}, on which the host lives: "
                    + $"it carries {use}; only another slot, or a board that isolates the two, parts them";
            }

            if (IsInUse(other))
            {
                return $"{device.Address} shares IOMMU group {device.IommuGroup} with {other.Description}, which the host uses: "
                    + "it must be in pci.devices as well and come to vfio-pci, or have no driver";
            }
        }

        return null;
    }

    /// <summary>
    /// For what the host uses the function. A disk and an interface each have a driver of their own, so that the host has nothing on a
    /// function that is held for guests. Mounts, disks and interfaces are many, and guests wait for their devices meanwhile.
    /// </summary>
    private string? UseOf(PciFunction function) => function.IsHeldForGuests ? null : _uses.Value.Of.GetValueOrDefault(function.Address);

    private bool IsInUse(PciFunction other) => other is { Driver: { } driver, IsHeldForGuests: false } && !Harmless.Contains(driver)
        && (!toBeBound.Contains(other.Address) || WhyNotItself(other) is not null);

    private static string Names(PciFunction device)
    {
        var named = device.VirtualFunctions.Take(MostNamed).ToList();
        var count = Math.Max(device.VirtualFunctionCount, device.VirtualFunctions.Count);
        var more = count > named.Count ? $" and {count - named.Count} more" : "";
        return named.Count == 0 ? count.ToString(CultureInfo.InvariantCulture) : string.Join(", ", named) + more;
    }
}
