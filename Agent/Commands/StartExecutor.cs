using PciBus.Agent.Hypervisor;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>Makes a domain, after checking that name, boot and devices are the ones that management means.</summary>
internal sealed class StartExecutor(IHypervisor hypervisor)
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
        var bootId = await hypervisor.GetBootIdAsync(cancellationToken);
        if (command.BootId.Length > 0 && command.BootId != bootId)
        {
            return $"the addresses hold for boot {command.BootId}, the host is in boot {bootId}";
        }

        var domains = await hypervisor.ListDomainsAsync(cancellationToken);
        if (domains.FirstOrDefault(domain => domain.Name == command.Vm.Name && domain.Uuid != command.VmUuid) is { } other)
        {
            return $"domain '{other.Name}' already exists with uuid {other.Uuid}";
        }

        foreach (var device in command.Vm.PciDevices)
        {
            // A device that is gone is left to the hypervisor, whose text says it best.
            if (await hypervisor.FindPciDeviceAsync(device.Address, cancellationToken) is { } found
                && PciDeviceIdentity.Difference(device, found) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }
}
