using PciBus.Contracts.PciDevices;

namespace PciBus.Management.Workflows.MigrateVirtualMachine;

/// <summary>What a migration has done so far, and what it knows of both sides.</summary>
internal sealed record MigrateDocument
{
    /// <summary>The one host the caller wants; null for any.</summary>
    public long? HostId { get; init; }

    /// <summary>It has PCI devices, which are claimed on the destination.</summary>
    public bool WithDevices { get; init; }

    /// <summary>Where it ran when the migration began. It is Running there before that host is told to migrate it.</summary>
    public MigrationSide Source { get; init; } = new();

    /// <summary>Where it goes.</summary>
    public MigrationSide Destination { get; init; } = new();

    /// <summary>A host was declared down on the way: if it is off in the end, it was lost.</summary>
    public bool Lost { get; init; }

    /// <summary>What went wrong first; null while nothing has.</summary>
    public string? Failure { get; init; }

    /// <summary>Why it was given up; null while it was not.</summary>
    public string? Cancelled { get; init; }

    /// <summary>It is wanted off, and what there is of it on either side is ended.</summary>
    public bool Forced { get; init; }

    /// <summary>How often both sides were asked and what they said did not fit together.</summary>
    public int Unclear { get; init; }

    /// <summary>When the first device was removed, by the source's clock; null for none.</summary>
    public DateTimeOffset? RemovedAt { get; init; }

    /// <summary>Where the guest had its devices on the source, by name: the new ones go there.</summary>
    public IReadOnlyList<GuestPlace> GuestPlaces { get; init; } = [];

    /// <summary>It has failed, and devices that were detached for it are attached on the source again.</summary>
    public bool IsBack { get; init; }

    /// <summary>How often the host could not attach all devices that it was last told to.</summary>
    public int Attaches { get; init; }

    /// <summary>The host's answer was heard, and it is told again at the deadline: other copies of that answer say nothing new.</summary>
    public bool Pauses { get; init; }

    /// <summary>Devices that could not be attached were exchanged for others.</summary>
    public bool Exchanged { get; init; }

    /// <summary>Which devices it does without, and why; null for none.</summary>
    public string? Missing { get; init; }

    /// <summary>Since when hosts are asked what became of it; null while nobody is.</summary>
    public DateTimeOffset? AskingSince { get; init; }

    /// <summary>
    /// The source has said that it is at work on the migration: it is told again until it says what came of it, as it has nobody who
    /// would say so by himself when its agent died meanwhile. How often it has said so.
    /// </summary>
    public int Repeats { get; init; }

    /// <summary>When the source has had its time, then; null before it has said so.</summary>
    public DateTimeOffset? MigrateBy { get; init; }

    /// <summary>
    /// The source, asked for long enough, has said last that it is still migrating it: its agent has died over that, or the hypervisor
    /// was not willing to end it. It is told to give up, as nobody else would tell it.
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

    /// <summary>The destination was asked whether it could come there; its devices there are claimed.</summary>
    Preparing,

    /// <summary>The source was told to detach its devices and to migrate it.</summary>
    Migrating,

    /// <summary>The source was asked what it sees, after a migration that nobody knows the end of.</summary>
    AskingSource,

    /// <summary>The destination was asked what it sees, or told to remove what was on its way there.</summary>
    AskingDestination,

    /// <summary>It runs on the destination, and the source was told to end the paused rest of it.</summary>
    EndingSource,

    /// <summary>Its end is known, and the host where it runs was told to attach its devices there.</summary>
    Attaching,
}
