using PciBus.Management.Events;

namespace PciBus.Management.VirtualMachines;

/// <summary>
/// Ends alerts about unsettled virtual machines, as a listener of their life cycle: when a host says that the virtual machine is off there,
/// when it runs there rightly, and when its migration has ended. All alerts about a virtual machine end when it is expunged.
/// </summary>
internal sealed class UnsettledAlertManager(AlertManager alerts) : IStateListener
{
    public async Task AfterAsync(StateTransition transition, CancellationToken cancellationToken)
    {
        var vm = transition.Vm;
        if (transition.To == VirtualMachineState.Expunging)
        {
            await alerts.EndAllOfVmAsync(vm.Id, cancellationToken);
            return;
        }

        foreach (var evidence in transition.Reason.Evidence) await OffAsync(vm, evidence, transition.Reason, cancellationToken);
        var runsOn = transition.To == VirtualMachineState.Running ? transition.HostId : null;
        var hasLeft = transition.From == VirtualMachineState.Migrating ? vm.LastHostId : null;
        foreach (var hostId in new[] { runsOn, hasLeft }.OfType<long>()) await EndAsync(vm, hostId, cancellationToken);
    }

    public async Task OffAsync(VirtualMachine vm, OffEvidence evidence, TransitionReason reason, CancellationToken cancellationToken)
    {
        // A command that was never delivered or begun says nothing about a domain that runs there.
        if (evidence.Session > 0) await EndAsync(vm, evidence.HostId, cancellationToken);
    }

    private Task EndAsync(VirtualMachine vm, long hostId, CancellationToken cancellationToken) =>
        alerts.EndAsync(AlertType.VirtualMachineUnsettled, hostId, vm.Id, cancellationToken);
}
