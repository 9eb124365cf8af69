using PciBus.Agent.Hypervisor;
using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Commands;

/// <summary>Resets and probes devices that a VM let go of, before anybody else may get them.</summary>
internal sealed class DeviceCleaner(IHypervisor hypervisor, IPciInventory inventory)
{
    /// <summary>
    /// Cleans the devices, all at once: a reset may take seconds, and a guest that migrates waits for as long. What goes wrong with a
    /// device is said of that device alone.
    /// </summary>
    /// <param name="devices">The devices, with the identity that management knows.</param>
    /// <param name="bootId">The boot in which the VM had them; a reboot since has reset them all. Empty for the current boot.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<PciDeviceCleaning>> CleanAsync(
        IReadOnlyList<PciDeviceTO> devices, string bootId, CancellationToken cancellationToken) =>
        await Task.WhenAll(devices.Select(async device =>
        {
            var reason = await TroubleAsync(device, bootId, cancellationToken);
            return new PciDeviceCleaning { Address = device.Address, Clean = reason is null, Reason = reason };
        }));

    /// <summary>Cleans one device of this boot. Null when it is clean, otherwise why not.</summary>
    public Task<string?> TroubleAsync(PciDeviceTO device, CancellationToken cancellationToken) =>
        TroubleAsync(device, "", cancellationToken);

    private async Task<string?> TroubleAsync(PciDeviceTO device, string bootId, CancellationToken cancellationToken)
    {
        try
        {
            if (bootId.Length > 0 && bootId != await hypervisor.GetBootIdAsync(cancellationToken)) return null;
            if (await inventory.FindPciDeviceAsync(device.Address, cancellationToken) is { } found
                && PciDeviceIdentity.Difference(device, found) is { } difference)
            {
                return difference;
            }

            await inventory.ResetPciDeviceAsync(device.Address, cancellationToken);
            return null;
        }
        catch (HypervisorException e)
        {
            return e.Message;
        }
    }
}
