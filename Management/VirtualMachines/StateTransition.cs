namespace PciBus.Management.VirtualMachines;

/// <summary>A change of a virtual machine's state, as its listeners see it.</summary>
internal sealed record StateTransition(
    VirtualMachine Vm,
    VirtualMachineEvent Event,
    VirtualMachineState From,
    VirtualMachineState To,
    long? HostId,
    TransitionReason Reason)
{
    /// <summary>The virtual machine is going to a host that was chosen: what it needs there is taken now.</summary>
    public bool Takes => To is VirtualMachineState.Starting or VirtualMachineState.Migrating && HostId is not null;

    /// <summary>The virtual machine is off, or on one side of its migration: what it has on hosts with evidence is given back.</summary>
    public bool GivesBack => From is VirtualMachineState.Migrating
        || To is VirtualMachineState.Stopped or VirtualMachineState.Destroyed or VirtualMachineState.Expunging;
}

/// <summary>
/// Acts when a virtual machine changes; the virtual machine does not know its listeners. Everything they do belongs to the transaction of
/// the change.
/// </summary>
internal interface IStateListener
{
    /// <summary>Before the change is written; a refusal vetoes it, and the caller rolls back.</summary>
    Task<Refusal?> BeforeAsync(StateTransition transition, CancellationToken cancellationToken) => Task.FromResult<Refusal?>(null);

    /// <summary>After the change is written.</summary>
    Task AfterAsync(StateTransition transition, CancellationToken cancellationToken);

    /// <summary>Evidence came for a virtual machine that does not change by it.</summary>
    Task OffAsync(VirtualMachine vm, OffEvidence evidence, TransitionReason reason, CancellationToken cancellationToken) =>
        Task.CompletedTask;
}

/// <summary>Why a virtual machine changes, for whom, and what is known for sure.</summary>
/// <param name="Why">For histories and events, e.g. "start failed on kvm1".</param>
/// <param name="JobId">The job that asked for it; null when nobody did.</param>
/// <param name="Evidence">Hosts that are known not to run it.</param>
internal sealed record TransitionReason(string Why, long? JobId, IReadOnlyList<OffEvidence> Evidence);
