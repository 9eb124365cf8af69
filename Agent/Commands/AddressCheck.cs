using PciBus.Agent.Hypervisor;
using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Commands;

/// <summary>Whether the addresses in a command still belong to the devices that management means by them.</summary>
internal sealed class AddressCheck(IHypervisor hypervisor, IPciInventory inventory)
{
    /// <summary>Why they do not, or null.</summary>
    /// <param name="devices">The devices with the identity that management knows.</param>
    /// <param name="bootId">The boot for which the addresses hold; empty for any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string?> ObjectionAsync(IReadOnlyList<PciDeviceTO> devices, string bootId, CancellationToken cancellationToken) =>
        await BootObjectionAsync(bootId, cancellationToken) ?? await IdentityObjectionAsync(devices, cancellationToken);

    public async Task<string?> BootObjectionAsync(string bootId, CancellationToken cancellationToken)
    {
        var now = await hypervisor.GetBootIdAsync(cancellationToken);
        return bootId.Length > 0 && bootId != now ? $"the addresses hold for boot {bootId}, the host is in boot {now}" : null;
    }

    public async Task<string?> IdentityObjectionAsync(IReadOnlyList<PciDeviceTO> devices, CancellationToken cancellationToken)
    {
        foreach (var device in devices)
        {
            // A device that is gone is left to the hypervisor, whose error says it best.
            if (await inventory.FindPciDeviceAsync(device.Address, cancellationToken) is { } found
                && PciDeviceIdentity.Difference(device, found) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }
}
