using PciBus.Agent.Hypervisor;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>Sees to it that a running domain has the devices that its VM owns here.</summary>
internal sealed class AttachPciDevicesExecutor(
    IHypervisor hypervisor,
    AddressCheck addresses,
    DeviceAttacher attacher,
    CommandJournal journal,
    TimeProvider timeProvider)
{
    public async Task<CommandOutcome> ExecuteAsync(
        AttachPciDevicesCommand command, RunningCommand running, CancellationToken cancellationToken)
    {
        var domain = await hypervisor.FindDomainAsync(command.VmUuid, cancellationToken);
        if (domain is not { State: DomainState.Running, HasJob: false })
        {
            return CommandOutcome.Refused($"not begun: {NotRunning(command, domain)}");
        }

        if (await addresses.ObjectionToGiveAsync(command.PciDevices, command.BootId, cancellationToken) is { } objection)
        {
            return CommandOutcome.Refused($"not begun: {objection}");
        }

        running.Enter(CommandStep.Attaching);
        var places = command.GuestPlaces.Where(place => !domain.GuestAddresses.Contains(place.Address)).ToList();
        var pending = journal.Find(command.VmUuid)?.Pending ?? [];
        foreach (var device in command.PciDevices)
        {
            var (address, now) = (device.Address, timeProvider.GetUtcNow());
            if (!domain.PciDevices.Contains(address))
            {
                var place = places.Find(place => place.Name == device.Name);
                if (place is not null) places.Remove(place);
                await attacher.AttachAsync(running, device, place?.Address, HotplugState.Attached, null, cancellationToken);
            }
            else if (pending.Contains(address))
            {
                running.Tell(address, HotplugState.Pending, now, "the guest was asked to let go of it, and may do so at any moment");
            }
            else
            {
                running.Tell(address, HotplugState.Attached, now, "the domain had it");
            }
        }

        return CommandOutcome.Of(running.DeviceOutcomes, HotplugState.Attached);
    }

    private static string NotRunning(AttachPciDevicesCommand command, Domain? domain) =>
        domain is null ? $"there is no domain {command.VmName}"
        : domain.Incoming ? $"domain {domain.Name} is incoming and does not run here"
        : domain.HasJob ? $"the hypervisor is changing domain {domain.Name}"
        : $"domain {domain.Name} is {domain.State}";
}
