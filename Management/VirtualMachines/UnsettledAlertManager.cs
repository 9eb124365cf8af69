using PciBus.Management.Events;

namespace PciBus.Management.VirtualMachines;

/// <summary>
/// Ends the alerts about virtual machines of which it was not known where they run, as a listener of their life cycle: when a host
/// says that one is off there, when it runs there rightly, and when its migration has ended. All alerts about it end when it is expunged.
/// </summary>
internal sealed class UnsettledAlertManager(AlertManager alerts) : IStateListener
{
    public Task<Refusal?> BeforeAsync(StateTransition transition, CancellationToken cancellationToken) => Task.FromResult<Refusal?>(null);

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
        // What was never delivered or begun says nothing of a domain that runs there.
        if (evidence.Session > 0) await EndAsync(vm, evidence.HostId, cancellationToken);
    }

    private Task EndAsync(VirtualMachine vm, long hostId, CancellationToken cancellationToken) =>
        alerts.EndAsync(AlertType.VirtualMachineUnsettled, hostId, vm.Id, cancellationToken);
}
