using PciBus.Agent.Hypervisor;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Commands;

/// <summary>Reboots a guest; its domain and devices stay.</summary>
internal sealed class RebootExecutor(IHypervisor hypervisor)
{
    public async Task<CommandOutcome> ExecuteAsync(RebootCommand command, CancellationToken cancellationToken)
    {
        // A hypervisor accepts the reboot of a domain that does not run, and nothing happens.
        if (await hypervisor.FindDomainAsync(command.VmUuid, cancellationToken) is { State: not DomainState.Running } domain)
        {
            return CommandOutcome.Failed($"domain {domain.Name} is {domain.State}: its guest cannot reboot");
        }

        await hypervisor.RebootAsync(command.VmUuid, cancellationToken);
        return CommandOutcome.Done();
    }
}
