using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>Detaches devices from a running domain, and cleans those that the domain let go of.</summary>
internal sealed class DetachPciDevicesExecutor(
    VirtualMachineObserver observer,
    AddressCheck addresses,
    DeviceDetacher detacher,
    DeviceCleaner cleaner,
    TimeSpan detachWait,
    TimeProvider timeProvider)
{
    public async Task<CommandOutcome> ExecuteAsync(
        DetachPciDevicesCommand command, RunningCommand running, CancellationToken cancellationToken)
    {
        if (await addresses.ObjectionToTakeAsync(command.PciDevices, command.BootId, cancellationToken) is { } objection)
        {
            return CommandOutcome.Refused($"not begun: {objection}");
        }

        // That there is no domain proves nothing while an interrupted start may yet make a domain with the devices.
        var seen = await observer.LookAsync(command.VmUuid, cancellationToken);
        if (seen.Observed == Observation.Unknown) return CommandOutcome.Refused($"not begun: {seen.Trouble}");
        if (seen.Observed == Observation.UnderWay)
        {
            return CommandOutcome.Refused($"not begun: the hypervisor is changing domain {command.VmName}");
        }

        running.Enter(CommandStep.Detaching);
        var addressed = command.PciDevices.Select(device => device.Address).ToList();
        var held = addressed.Where(address => seen.Domain?.PciDevices.Contains(address) == true).ToList();
        foreach (var address in addressed.Except(held))
        {
            running.Tell(address, HotplugState.Removed, timeProvider.GetUtcNow(), "the domain did not have it");
        }

        var wait = command.DetachWait > 0 ? TimeSpan.FromSeconds(command.DetachWait) : detachWait;
        if (held.Count > 0) await detacher.DetachAsync(running, held, wait, cancellationToken);
        running.Enter(CommandStep.Cleaning);
        var removed = command.PciDevices.Where(device => running.DeviceOutcomes.Any(outcome =>
            outcome.Address == device.Address && outcome.State == HotplugState.Removed));
        return CommandOutcome.Of(running.DeviceOutcomes, HotplugState.Removed) with
        {
            Cleaned = await cleaner.CleanAsync([.. removed], command.BootId, cancellationToken),
        };
    }
}
