using PciBus.Agent.Hypervisor;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>Looks whether a VM could be migrated to this host with its devices, or removes what a migration has left here.</summary>
internal sealed class PrepareForMigrationExecutor(IHypervisor hypervisor, AddressCheck addresses, DeviceCleaner cleaner)
{
    public async Task<CommandOutcome> ExecuteAsync(PrepareForMigrationCommand command, CancellationToken cancellationToken)
    {
        if (command.Rollback) return await RollBackAsync(command, cancellationToken);
        if (await ObjectionAsync(command, cancellationToken) is { } objection) return CommandOutcome.Refused($"not begun: {objection}");
        var cleaned = await cleaner.CleanAsync(command.Vm.PciDevices, command.BootId, cancellationToken);
        var dirty = string.Join("; ", cleaned.Where(device => !device.Clean).Select(device => $"{device.Address}: {device.Reason}"));
        return (dirty.Length == 0 ? CommandOutcome.Done() : CommandOutcome.Failed(dirty)) with
        {
            Cleaned = cleaned,
            MigrationUri = hypervisor.MigrationUri,
        };
    }

    private async Task<string?> ObjectionAsync(PrepareForMigrationCommand command, CancellationToken cancellationToken)
    {
        if (command.Vm.Uuid != command.VmUuid) return $"the command is for VM {command.VmUuid} and describes VM {command.Vm.Uuid}";
        var domains = await hypervisor.ListDomainsAsync(cancellationToken);
        if (domains.FirstOrDefault(domain => domain.Name == command.Vm.Name || domain.Uuid == command.VmUuid) is { } other)
        {
            return $"domain '{other.Name}' already exists with uuid {other.Uuid}";
        }

        // It runs, where it comes from.
        return await hypervisor.ObjectionToRunAsync(command.Vm with { NeverRan = false }, cancellationToken)
            ?? await addresses.ObjectionToGiveAsync(command.Vm.PciDevices, command.BootId, cancellationToken);
    }

    private async Task<CommandOutcome> RollBackAsync(PrepareForMigrationCommand command, CancellationToken cancellationToken)
    {
        if (await hypervisor.FindDomainAsync(command.VmUuid, cancellationToken) is { Incoming: true })
        {
            await hypervisor.DestroyAsync(command.VmUuid, cancellationToken);
        }

        return await hypervisor.FindDomainAsync(command.VmUuid, cancellationToken) is { } domain
            ? CommandOutcome.Failed(
                domain.Incoming ? $"domain {domain.Name} is still incoming" : $"domain {domain.Name} is not incoming, and is not touched")
            // A reset that failed before is tried and told again: the answer that told it may not have arrived.
            : CommandOutcome.Done() with { Cleaned = await cleaner.CleanAsync(command.Vm.PciDevices, command.BootId, cancellationToken) };
    }
}
