using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Commands;

/// <summary>The last command of one VM, as the journal keeps it: one line each time it changes.</summary>
internal sealed record JournalEntry
{
    public Guid VmUuid { get; init; }

    public string VmName { get; init; } = "";

    public Guid CommandId { get; init; }

    /// <summary>Kind of the command, e.g. <c>StartCommand</c>.</summary>
    public string Command { get; init; } = "";

    public long Number { get; init; }

    /// <summary>When the command was begun.</summary>
    public DateTimeOffset Begun { get; init; }

    /// <summary>What came of the command; null while it is under way, or when the agent died within it.</summary>
    public CommandOutcome? Outcome { get; init; }

    /// <summary>
    /// This command or an earlier one was interrupted, and the hypervisor may still carry it out: the VM is not known to be off.
    /// </summary>
    public bool Interrupted { get; init; }

    /// <summary>Devices that this command or an earlier one asked the VM to let go of, and that it may still let go of.</summary>
    public IReadOnlyList<PciAddress> Pending { get; init; } = [];

    /// <summary>The hypervisor has since shown what became of the interrupted command.</summary>
    public bool Settled { get; init; }
}
