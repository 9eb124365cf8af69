using PciBus.Contracts.PciDevices;

namespace PciBus.Management.Workflows.MigrateVirtualMachine;

/// <summary>What a migration has done so far, and what it knows of both sides.</summary>
internal sealed record MigrateDocument
{
    /// <summary>The one host the caller wants; null for any.</summary>
    public long? HostId { get; init; }

    /// <summary>The virtual machine has PCI devices, which are claimed on the destination.</summary>
    public bool WithDevices { get; init; }

    /// <summary>Where the migration began. The virtual machine is Running there before the host is told to migrate it.</summary>
    public MigrationSide Source { get; init; } = new();

    /// <summary>Where the virtual machine goes.</summary>
    public MigrationSide Destination { get; init; } = new();

    /// <summary>A host was declared down on the way: a virtual machine that is off in the end was lost.</summary>
    public bool Lost { get; init; }

    /// <summary>What went wrong first; null while nothing has.</summary>
    public string? Failure { get; init; }

    /// <summary>Why the migration was given up; null while it was not.</summary>
    public string? Cancelled { get; init; }

    /// <summary>The virtual machine is wanted off, and its domain on either side is ended.</summary>
    public bool Forced { get; init; }

    /// <summary>How often both sides were asked and their answers did not fit together.</summary>
    public int Unclear { get; init; }

    /// <summary>When the first device was removed, by the source's clock; null for none.</summary>
    public DateTimeOffset? RemovedAt { get; init; }

    /// <summary>Where the guest had its devices on the source, by name: the new ones go there.</summary>
    public IReadOnlyList<GuestPlace> GuestPlaces { get; init; } = [];

    /// <summary>The migration has failed, and the source attaches the devices again that were detached for it.</summary>
    public bool IsBack { get; init; }

    /// <summary>How often the host could not attach all devices of the last command.</summary>
    public int Attaches { get; init; }

    /// <summary>The host has answered, and is told again at the deadline: other copies of that answer say nothing new.</summary>
    public bool Pauses { get; init; }

    /// <summary>Devices that could not be attached were exchanged for others.</summary>
    public bool Exchanged { get; init; }

    /// <summary>Which devices the virtual machine does without, and why; null for none.</summary>
    public string? Missing { get; init; }

    /// <summary>Since when hosts are asked what became of the migration; null while none is asked.</summary>
    public DateTimeOffset? AskingSince { get; init; }

    /// <summary>
    /// How often the source has said that it is at work on the migration. The command is sent again until the source says what came of it:
    /// if its agent died meanwhile, nothing there would say so by itself.
    /// </summary>
    public int Repeats { get; init; }

    /// <summary>Until when the source that is at work on it may take; null before it has said that it is.</summary>
    public DateTimeOffset? MigrateBy { get; init; }

    /// <summary>
    /// After long enough, the last word of the source was that it still migrates the virtual machine: its agent died within the migration,
    /// or the hypervisor was not willing to end it. The source is told to give up, as nobody else would tell it.
    /// </summary>
    public bool StillMigrates { get; init; }

    /// <summary>When the present step began.</summary>
    public DateTimeOffset StepBegan { get; init; }
}

internal enum MigrateStep
{
    Begin,

    /// <summary>A destination is being looked for, or the chosen one checked.</summary>
    Planning,

    /// <summary>The destination was asked whether the virtual machine could come there; its devices there are claimed.</summary>
    Preparing,

    /// <summary>The source was told to detach the devices and to migrate the virtual machine.</summary>
    Migrating,

    /// <summary>The source was asked what it sees, after a migration that nobody knows the end of.</summary>
    AskingSource,

    /// <summary>The destination was asked what it sees, or told to remove an incoming domain.</summary>
    AskingDestination,

    /// <summary>The virtual machine runs on the destination, and the source was told to end its paused rest.</summary>
    EndingSource,

    /// <summary>It is known where the virtual machine runs, and that host was told to attach its devices.</summary>
    Attaching,
}
