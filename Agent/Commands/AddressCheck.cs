using PciBus.Agent.Hypervisor;
using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Commands;

/// <summary>
/// Whether the addresses in a command still belong to the devices that management means by them, and whether the host gives these devices
/// away. The hypervisor looks at neither.
/// </summary>
internal sealed class AddressCheck(IHypervisor hypervisor, IPciInventory inventory)
{
    /// <summary>Why a domain cannot be given the devices, or null.</summary>
    /// <param name="devices">The devices with the identity that management knows.</param>
    /// <param name="bootId">The boot for which the addresses hold; empty for any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string?> ObjectionToGiveAsync(
        IReadOnlyList<PciDeviceTO> devices, string bootId, CancellationToken cancellationToken) =>
        await BootObjectionAsync(bootId, cancellationToken) ?? await FindAsync(devices, isToBeGiven: true, cancellationToken);

    /// <summary>Why a domain cannot be asked for the devices, or null.</summary>
    /// <inheritdoc cref="ObjectionToGiveAsync"/>
    public async Task<string?> ObjectionToTakeAsync(
        IReadOnlyList<PciDeviceTO> devices, string bootId, CancellationToken cancellationToken) =>
        await BootObjectionAsync(bootId, cancellationToken) ?? await FindAsync(devices, isToBeGiven: false, cancellationToken);

    public async Task<string?> BootObjectionAsync(string bootId, CancellationToken cancellationToken)
    {
        var now = await hypervisor.GetBootIdAsync(cancellationToken);
        return bootId.Length > 0 && bootId != now ? $"the addresses hold for boot {bootId}, the host is in boot {now}" : null;
    }

    private async Task<string?> FindAsync(
        IReadOnlyList<PciDeviceTO> devices, bool isToBeGiven, CancellationToken cancellationToken)
    {
        foreach (var device in devices)
        {
            // A device that is gone is left to the hypervisor, whose error says it best.
            if (await inventory.FindPciDeviceAsync(device.Address, cancellationToken) is not { } found) continue;
            if (PciDeviceIdentity.Difference(device, found) is { } difference) return difference;
            if (isToBeGiven && found.Unusable is { } reason) return $"the host does not give {device.Address} away: {reason}";
        }

        return null;
    }
}
