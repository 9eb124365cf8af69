using PciBus.Contracts.PciDevices;

namespace PciBus.Contracts.VirtualMachines;

/// <summary>
/// How far an agent is with a command at this moment, for those who wait for the command. A hint, carried by pings: the command's answer
/// says what became of it.
/// </summary>
public sealed record CommandProgress
{
    /// <summary>The command, whose id an operator's job knows.</summary>
    public Guid CommandId { get; init; }

    public Guid VmUuid { get; init; }

    public CommandStep Step { get; init; }

    /// <summary>The agent's time when this step began.</summary>
    public DateTimeOffset StepBegan { get; init; }

    /// <summary>What has happened to each device so far.</summary>
    public IReadOnlyList<PciDeviceOutcome> DeviceOutcomes { get; init; } = [];

    /// <summary>RAM that the migration has to carry over, in bytes; null outside a migration.</summary>
    public long? MemoryTotal { get; init; }

    /// <summary>Of that, what is left, in bytes; it may grow while the guest writes.</summary>
    public long? MemoryRemaining { get; init; }
}
