namespace PciBus.Contracts.VirtualMachines;

/// <summary>
/// Management to the agent of the chosen host: make the domain, with its devices. The agent answers a repeat from the journal, with a fresh
/// observation, and does not carry it out twice.
/// </summary>
public sealed record StartCommand : VirtualMachineCommand
{
    public VirtualMachineTO Vm { get; init; } = new();

    // -- PciBus --

    /// <summary>The boot for which the addresses of the devices hold; another boot answers "not begun".</summary>
    public string BootId { get; init; } = "";
}

/// <summary>Answer to <see cref="StartCommand"/>.</summary>
public sealed record StartAnswer : VirtualMachineAnswer;
