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

    /// <summary>What came of it; null when it is under way, or was when the agent died.</summary>
    public CommandOutcome? Outcome { get; init; }

    /// <summary>
    /// This or an earlier command was interrupted and may still be carried out by the hypervisor: the VM is not known to be off.
    /// </summary>
    public bool Interrupted { get; init; }

    /// <summary>Devices that the VM was asked to let go of, by this or an earlier command, and may still let go of.</summary>
    public IReadOnlyList<PciAddress> Pending { get; init; } = [];

    /// <summary>The hypervisor has since shown what became of the interrupted command.</summary>
    public bool Settled { get; init; }
}
