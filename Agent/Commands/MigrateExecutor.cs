using PciBus.Agent.Hypervisor;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>
/// Detaches all PCI devices of a domain, migrates the domain, cleans the devices. When something fails before the domain has gone, the
/// domain gets back what was taken from it, and nothing else.
/// </summary>
internal sealed class MigrateExecutor(
    IHypervisor hypervisor,
    AddressCheck addresses,
    DeviceDetacher detacher,
    DeviceAttacher attacher,
    DeviceCleaner cleaner,
    MigrationWatch watch,
    TimeSpan detachWait)
{
    public async Task<CommandOutcome> ExecuteAsync(
        MigrateCommand command, RunningCommand running, CancellationToken cancellationToken)
    {
        var domain = await hypervisor.FindDomainAsync(command.VmUuid, cancellationToken);
        if (domain is null) return CommandOutcome.Refused($"not begun: there is no domain {command.VmName}");
        if (await ObjectionAsync(command, domain, cancellationToken) is { } objection)
        {
            return CommandOutcome.Refused($"not begun: {objection}");
        }
        if (domain.PciDevices.Count > 0)
        {
            running.Enter(CommandStep.Detaching);
            var wait = command.DetachWait > 0 ? TimeSpan.FromSeconds(command.DetachWait) : detachWait;
            await detacher.DetachAsync(running, domain.PciDevices, wait, cancellationToken);
            if (Left(running) is { } left) return await StayAsync(command, domain, running, left, cancellationToken);
        }

        if (running.Enter(CommandStep.Migrating) is { } givenUp)
        {
            return await StayAsync(command, domain, running, givenUp, cancellationToken);
        }

        var (ended, trouble) = await watch.MigrateAsync(command, running, cancellationToken);
        return ended switch
        {
            MigrationEnd.Gone => CommandOutcome.Done() with
            {
                DeviceOutcomes = running.DeviceOutcomes,
                GuestPlaces = PlacesOf(command, domain),
                Cleaned = await CleanAsync(command, running, cancellationToken),
            },
            MigrationEnd.Here => await StayAsync(command, domain, running, trouble!, cancellationToken),
            _ => Failed(running, trouble!) with { OutcomeUnknown = true },
        };
    }

    private async Task<string?> ObjectionAsync(MigrateCommand command, Domain domain, CancellationToken cancellationToken)
    {
        if (domain.State != DomainState.Running || domain.HasJob)
        {
            return domain.Incoming ? $"domain {domain.Name} is incoming and does not run here"
                : domain.HasJob ? $"the hypervisor is changing domain {domain.Name}" : $"domain {domain.Name} is {domain.State}";
        }

        var unknown = domain.PciDevices.Except(command.PciDevices.Select(device => device.Address)).ToList();
        return unknown.Count > 0
            ? $"domain {domain.Name} has PCI devices that management does not know of: {string.Join(", ", unknown)}"
            : await addresses.BootObjectionAsync(command.BootId, cancellationToken)
                ?? await hypervisor.ObjectionToMigrateAsync(domain.Uuid, command.DestinationUri, cancellationToken);
    }

    /// <summary>Which devices the guest has kept, and why; null when it has kept none.</summary>
    private static string? Left(RunningCommand running)
    {
        var left = running.DeviceOutcomes.Where(outcome => outcome.State != HotplugState.Removed).ToList();
        if (left.Count == 0) return null;
        return running.GivenUp ?? $"not detached: {string.Join("; ", left.Select(outcome => $"{outcome.Address}: {outcome.Reason}"))}";
    }

    /// <summary>The domain stays: it gets back the devices that were removed, if it is known to run here.</summary>
    private async Task<CommandOutcome> StayAsync(
        MigrateCommand command, Domain before, RunningCommand running, string trouble, CancellationToken cancellationToken)
    {
        var now = await hypervisor.FindDomainAsync(before.Uuid, cancellationToken);
        if (now is null) return Failed(running, $"{trouble}; domain {before.Name} has ended");
        // A domain that was stopped for the switch-over may live on the destination.
        if (now.State != DomainState.Running) return Failed(running, $"{trouble}; domain {before.Name} is {now.State}");
        running.Enter(CommandStep.Reattaching);
        foreach (var removed in running.DeviceOutcomes.Where(outcome => outcome.State == HotplugState.Removed))
        {
            var device = command.PciDevices.First(device => device.Address == removed.Address);
            await attacher.AttachAsync(
                running, device, before.GuestAddressOf(removed.Address), HotplugState.Reattached, removed.At, cancellationToken);
        }

        return Failed(running, trouble);
    }

    private static IReadOnlyList<GuestPlace> PlacesOf(MigrateCommand command, Domain before) =>
    [
        .. from device in command.PciDevices
           let address = before.GuestAddressOf(device.Address)
           where address is not null
           select new GuestPlace { Name = device.Name, Address = address },
    ];

    private async Task<IReadOnlyList<PciDeviceCleaning>> CleanAsync(
        MigrateCommand command, RunningCommand running, CancellationToken cancellationToken)
    {
        running.Enter(CommandStep.Cleaning);
        return await cleaner.CleanAsync(command.PciDevices, command.BootId, cancellationToken);
    }

    private static CommandOutcome Failed(RunningCommand running, string trouble) =>
        CommandOutcome.Failed(trouble) with { DeviceOutcomes = running.DeviceOutcomes };
}
