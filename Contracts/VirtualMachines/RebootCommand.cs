namespace PciBus.Contracts.VirtualMachines;

/// <summary>Management to an agent: reboot the guest; host and devices stay. Repeated, it does not reboot twice.</summary>
public sealed record RebootCommand : VirtualMachineCommand;

/// <summary>Answer to <see cref="RebootCommand"/>.</summary>
public sealed record RebootAnswer : VirtualMachineAnswer;
