namespace PciBus.Contracts.VirtualMachines;

/// <summary>
/// Management to an agent: what do you see of this VM? Does not wait behind the VM's other commands. It has a number of its
/// own, so after it is answered every older command of the VM is refused.
/// </summary>
public sealed record CheckVirtualMachineCommand : VirtualMachineCommand;

/// <summary>Answer to <see cref="CheckVirtualMachineCommand"/>.</summary>
public sealed record CheckVirtualMachineAnswer : VirtualMachineAnswer
{
    public PowerState State { get; init; }
}
