using PciBus.Management.Accounts;
using PciBus.Management.Events;

namespace PciBus.Management.VirtualMachines;

/// <summary>Writes an event when a virtual machine stops though nobody asked for it, as a listener of its life cycle.</summary>
internal sealed class VirtualMachineEvents(EventManager events) : IStateListener
{
    public Task AfterAsync(StateTransition transition, CancellationToken cancellationToken)
    {
        var vm = transition.Vm;
        if (transition.Event is VirtualMachineEvent.FollowAgentPowerOffReport or VirtualMachineEvent.AgentReportStopped
            && transition.Reason.JobId is null)
        {
            events.Record(
                EventTypes.VmStop,
                $"{vm.Name} was found off: {transition.Reason.Why}",
                new Caller(vm.UserId, vm.AccountId, vm.DomainId),
                nameof(VirtualMachine),
                vm.Id,
                EventLevel.WARN);
        }

        return Task.CompletedTask;
    }
}
