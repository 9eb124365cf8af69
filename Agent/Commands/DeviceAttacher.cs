using PciBus.Agent.Hypervisor;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Commands;

/// <summary>Gives a running domain a device. The domain has the device when it shows it, whatever the call returned.</summary>
internal sealed class DeviceAttacher(IHypervisor hypervisor, TimeProvider timeProvider)
{
    /// <summary>Tells the command what became of the device: Failed, Unknown, or the name for success.</summary>
    /// <param name="running">The command.</param>
    /// <param name="device">The device.</param>
    /// <param name="guestAddress">Where the guest shall see it; null for anywhere.</param>
    /// <param name="success">Attached or Reattached.</param>
    /// <param name="since">From when the time is counted that the attachment takes; null for now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task AttachAsync(
        RunningCommand running,
        PciDeviceTO device,
        string? guestAddress,
        HotplugState success,
        DateTimeOffset? since,
        CancellationToken cancellationToken)
    {
        var from = since ?? timeProvider.GetUtcNow();
        running.Tell(device.Address, HotplugState.Attaching, from);
        string? trouble = null;
        var failed = HotplugState.Failed;
        try
        {
            await hypervisor.AttachDeviceAsync(running.Command.VmUuid, device, guestAddress, cancellationToken);
        }
        catch (HypervisorException e)
        {
            trouble = e.Message;
            // The hypervisor was asked, and may attach the device although nobody waits for it any more.
            if (e.OutcomeUnknown) failed = HotplugState.Unknown;
        }

        try
        {
            var domain = await hypervisor.FindDomainAsync(running.Command.VmUuid, cancellationToken);
            if (domain?.PciDevices.Contains(device.Address) == true) running.Tell(device.Address, success, from);
            else running.Tell(device.Address, failed, from, trouble ?? "the domain does not show it");
        }
        catch (HypervisorException e)
        {
            running.Tell(device.Address, HotplugState.Unknown, from, trouble ?? e.Message);
        }
    }
}
