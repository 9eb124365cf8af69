using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using PciBus.Management.ServiceOfferings;

namespace PciBus.Management.VirtualMachines;

/// <summary>
/// Notes which virtual machines are to be started again, as a listener of their life cycle: those of a highly available offering whose host
/// was declared down while they ran, until they run or an operator wants them otherwise.
/// </summary>
internal sealed class HighAvailabilityManager(
    PciBusDbContext database, AlertManager alerts, HostOptions options, Activation activation, TimeProvider time) : IStateListener
{
    /// <summary>Name of the job that starts them again; a new one to start, or the end of a sighting, wakes the job.</summary>
    public const string RestartJob = "ha.restart";

    public async Task AfterAsync(StateTransition transition, CancellationToken cancellationToken)
    {
        var vm = transition.Vm;
        switch (transition)
        {
            case { From: VirtualMachineState.Running or VirtualMachineState.Migrating, Event: VirtualMachineEvent.AgentReportStopped }:
                var offering = await database.RowAsync<ServiceOffering>(vm.ServiceOfferingId, cancellationToken);
                vm.RestartAt = offering.HaEnabled ? time.GetUtcNow() : null;
                if (offering.HaEnabled) activation.Wake(RestartJob);
                break;
            case { To: VirtualMachineState.Starting }:
                break;
            case { From: VirtualMachineState.Starting, To: VirtualMachineState.Stopped } when vm.RestartAt is not null:
                vm.RestartAt = time.GetUtcNow() + options.RestartRetryInterval;
                await alerts.RaiseAsync(
                    AlertType.RestartFailed, $"{vm.Name} could not be started again", transition.Reason.Why, null, vm.Id,
                    cancellationToken);
                break;
            default:
                if (vm.RestartAt is not null) await alerts.EndAsync(AlertType.RestartFailed, vm.Id, cancellationToken);
                vm.RestartAt = null;
                break;
        }
    }
}
