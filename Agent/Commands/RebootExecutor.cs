using PciBus.Agent.Hypervisor;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>Reboots a guest; its domain and devices stay.</summary>
internal sealed class RebootExecutor(IHypervisor hypervisor)
{
    public async Task<CommandOutcome> ExecuteAsync(RebootCommand command, CancellationToken cancellationToken)
    {
        await hypervisor.RebootAsync(command.VmUuid, cancellationToken);
        return CommandOutcome.Done();
    }
}
