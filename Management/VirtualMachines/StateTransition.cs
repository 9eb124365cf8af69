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

    /// <summary>The virtual machine is off for good or for now, or on one side of its migration: what has evidence is given back.</summary>
    public bool GivesBack => From is VirtualMachineState.Migrating
        || To is VirtualMachineState.Stopped or VirtualMachineState.Destroyed or VirtualMachineState.Expunging;
}
