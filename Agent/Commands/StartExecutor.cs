using PciBus.Agent.Hypervisor;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>Makes a domain, after checking that name, boot and devices are those that management means.</summary>
internal sealed class StartExecutor(IHypervisor hypervisor, AddressCheck addresses)
{
    public async Task<CommandOutcome> ExecuteAsync(StartCommand command, CancellationToken cancellationToken)
    {
        if (await ObjectionAsync(command, cancellationToken) is { } objection)
        {
            return CommandOutcome.Refused($"not begun: {objection}");
        }

        await hypervisor.StartAsync(command.Vm, cancellationToken);
        return CommandOutcome.Done();
    }

    private async Task<string?> ObjectionAsync(StartCommand command, CancellationToken cancellationToken)
    {
        if (command.Vm.Uuid != command.VmUuid) return $"the command is for VM {command.VmUuid} and describes VM {command.Vm.Uuid}";
        if (await addresses.BootObjectionAsync(command.BootId, cancellationToken) is { } boot) return boot;
        var domains = await hypervisor.ListDomainsAsync(cancellationToken);
        if (domains.FirstOrDefault(domain => domain.Name == command.Vm.Name && domain.Uuid != command.VmUuid) is { } other)
        {
            return $"domain '{other.Name}' already exists with uuid {other.Uuid}";
        }

        return await hypervisor.ObjectionToRunAsync(command.Vm, cancellationToken)
            ?? await addresses.ObjectionToGiveAsync(command.Vm.PciDevices, bootId: "", cancellationToken);
    }
}
