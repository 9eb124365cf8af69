using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;

namespace PciBus.Management.VirtualMachines;

/// <summary>
/// Notes which running virtual machines have a domain that does not run, with an alert while it does not: an I/O error or somebody on the
/// host paused the domain, or its guest has crashed. The reports of the host decide; a stop or a migration ends the note.
/// </summary>
internal sealed class DomainStatusManager(PciBusDbContext database, AlertManager alerts) : IStateListener
{
    public async Task AfterAsync(StateTransition transition, CancellationToken cancellationToken)
    {
        // A stop that fails ends no pause.
        var staysThere = transition.To is VirtualMachineState.Running or VirtualMachineState.Stopping
            && transition.From is VirtualMachineState.Running or VirtualMachineState.Stopping;
        if (!staysThere) await NoteAsync(transition.Vm, null, "", cancellationToken);
    }

    /// <summary>Judges the virtual machines of a host by a report.</summary>
    /// <param name="host">Virtual machines that run there without a workflow, by the records and by the report.</param>
    /// <param name="running">Those that run there without a workflow, by the records and by the report.</param>
    /// <param name="domains">The domains that it reports.</param>
    public async Task CompareAsync(
        Host host, IEnumerable<VirtualMachine> running, IReadOnlyList<DomainReport> domains, CancellationToken cancellationToken)
    {
        var reported = domains.ToDictionary(domain => domain.Uuid, domain => domain.Status);
        foreach (var seen in running)
        {
            var status = reported[seen.Uuid];
            // Agents of earlier versions do not say.
            if (status is not (DomainStatus.Running or DomainStatus.Paused or DomainStatus.Crashed)) continue;
            DomainStatus? halted = status == DomainStatus.Running ? null : status;
            if (halted == seen.DomainStatus) continue;
            var vm = await database.RowAsync<VirtualMachine>(seen.Id, cancellationToken);
            if (vm.WorkflowId is null) await NoteAsync(vm, halted, host.Name, cancellationToken);
        }
    }

    private async Task NoteAsync(VirtualMachine vm, DomainStatus? halted, string hostName, CancellationToken cancellationToken)
    {
        if (vm.DomainStatus == halted) return;
        if (vm.DomainStatus is not null) await alerts.EndAsync(AlertType.DomainNotRunning, vm.Id, cancellationToken);
        (vm.DomainStatus, vm.UpdateCount) = (halted, vm.UpdateCount + 1);
        if (halted is null) return;
        var remedy = halted == DomainStatus.Paused
            ? "It was paused by somebody on the host, or by an I/O error. When what paused it is mended, "
                + $"\"virsh resume {vm.InstanceName}\" there lets it go on. "
            : "Its guest has crashed. ";
        await alerts.RaiseAsync(
            AlertType.DomainNotRunning,
            $"{vm.Name} ({vm.InstanceName}) is {halted} on {hostName}",
            $"{remedy}It keeps its devices, and can neither shut down nor reboot; stopVirtualMachine with forced=true ends it.",
            null,
            vm.Id,
            cancellationToken);
    }
}
