namespace PciBus.Management.VirtualMachines;

/// <summary>
/// Whoever must act when a virtual machine changes; the virtual machine does not know who. All of it happens in the
/// transaction of the change.
/// </summary>
internal interface IStateListener
{
    /// <summary>Before the change is written; a refusal vetoes it, and the caller rolls back.</summary>
    Task<Refusal?> BeforeAsync(StateTransition transition, CancellationToken cancellationToken);

    /// <summary>After the change is written.</summary>
    Task AfterAsync(StateTransition transition, CancellationToken cancellationToken);

    /// <summary>Evidence came for a virtual machine that does not change by it.</summary>
    Task OffAsync(VirtualMachine vm, OffEvidence evidence, TransitionReason reason, CancellationToken cancellationToken);
}
