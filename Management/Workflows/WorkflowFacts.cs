using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>What a decision may know besides the workflow's own step and document.</summary>
internal sealed record WorkflowFacts(
    DateTimeOffset Now,
    WorkflowOptions Options,
    string VmName,
    VirtualMachineState VmState,
    long? VmHostId,
    long? AwaitingHostId,
    string? AwaitingHostName,
    bool IsParked)
{
    /// <summary>The awaited host was declared down, and has not been Up since.</summary>
    public bool AwaitingHostWasDown { get; init; }

    /// <summary>The virtual machine has CPU and RAM, or a device, of the awaited host.</summary>
    public bool AwaitingHostHolds { get; init; }

    /// <summary>The virtual machine is to be started again, because its host was declared down.</summary>
    public bool RestartPending { get; init; }

    /// <summary>When the job must have been told something.</summary>
    public required DateTimeOffset JobDeadline { get; init; }

    public DateTimeOffset In(TimeSpan span) => Now + span;
}
