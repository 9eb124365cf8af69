namespace PciBus.Contracts.VirtualMachines;

/// <summary>
/// A command for one VM, fenced: an agent refuses a command of another session ("not begun") and a command with a number below the highest
/// it has seen for that VM in this session ("superseded"). Deadlines are management's time, and no safety rests on them.
/// </summary>
public abstract record VirtualMachineCommand : Command
{
    /// <summary>Instance name.</summary>
    public string VmName { get; init; } = "";

    // -- PciBus --

    public Guid VmUuid { get; init; }

    /// <summary>The agent session that the command was written for.</summary>
    public long Session { get; init; }

    /// <summary>Grows by one with each new command of the VM; a command sent again keeps its number.</summary>
    public long Number { get; init; }

    /// <summary>Management's time after which no workflow waits for the answer.</summary>
    public DateTimeOffset Deadline { get; init; }
}
