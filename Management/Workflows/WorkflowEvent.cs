using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>Something that happened to a workflow, as a value.</summary>
internal abstract record WorkflowEvent(WorkflowEventKind Kind)
{
    /// <summary>The host that it is about; null when it is about none.</summary>
    public long? About => this switch
    {
        AwaitedHostEvent of => of.HostId,
        Answered answered => answered.HostId,
        Undelivered undelivered => undelivered.HostId,
        Overdue overdue => overdue.HostId,
        Refused refused => refused.After.About,
        _ => null,
    };
}

/// <summary>Something that happened to the host that a workflow waits for.</summary>
internal abstract record AwaitedHostEvent(WorkflowEventKind Kind, long HostId) : WorkflowEvent(Kind);

/// <inheritdoc cref="WorkflowEventKind.Begun"/>
internal sealed record Begun() : WorkflowEvent(WorkflowEventKind.Begun);

/// <inheritdoc cref="WorkflowEventKind.Planned"/>
internal sealed record Planned(long HostId) : WorkflowEvent(WorkflowEventKind.Planned)
{
    /// <summary>The virtual machine needs PCI devices there.</summary>
    public bool WithDevices { get; init; }

    /// <summary>The one device that was claimed or found; null when no single device was asked for.</summary>
    public ChosenDevice? Device { get; init; }

    /// <summary>Names of which there is no device; null when nothing is missing.</summary>
    public string? Missing { get; init; }
}

/// <inheritdoc cref="WorkflowEventKind.NothingFits"/>
internal sealed record NothingFits(string Reasons) : WorkflowEvent(WorkflowEventKind.NothingFits);

/// <inheritdoc cref="WorkflowEventKind.Answered"/>
internal sealed record Answered(
    long HostId,
    string HostName,
    long Session,
    long Sequence,
    bool Result,
    bool NotBegun,
    Observation Observed,
    string? Details,
    IReadOnlyList<PciDeviceCleaning> Cleaned) : WorkflowEvent(WorkflowEventKind.Answered)
{
    /// <summary>Only one copy of the command was sent. Of several, another copy may have been begun and touched something.</summary>
    public bool IsOnlyCopy { get; init; } = true;

    /// <summary>
    /// Whether the domain has devices that the virtual machine owns on that host, or it owns none there. False: the domain is another than
    /// the workflow wanted to start with them. Null: nobody has said which devices the domain has.
    /// </summary>
    public bool? HasOwnDevices { get; init; }

    /// <summary>
    /// Number of the StartCommand that made the domain, when the domain tells it and has no devices but those that the virtual machine owns
    /// on that host; else null.
    /// </summary>
    public long? StartedBy { get; init; }

    /// <summary>
    /// The answer says for every device that the virtual machine owns on that host how it came out of its cleaning. An answer that only
    /// looks again, to a repeat or after a failure, says nothing about them.
    /// </summary>
    public bool HasCleaned { get; init; } = true;

    /// <summary>Known not to have touched anything, by the rule that also holds for <see cref="Undelivered"/>.</summary>
    public bool IsUntouched => NotBegun && IsOnlyCopy;

    /// <inheritdoc cref="VirtualMachineAnswer.Status"/>
    public DomainStatus? Status { get; init; }

    /// <inheritdoc cref="VirtualMachineAnswer.PciDevices"/>
    public IReadOnlyList<PciAddress>? PciDevices { get; init; }

    /// <summary>The virtual machine runs there, and a device that it owns there is not in its domain.</summary>
    public bool LacksDevices { get; init; }

    /// <inheritdoc cref="VirtualMachineAnswer.DeviceOutcomes"/>
    public IReadOnlyList<PciDeviceOutcome> DeviceOutcomes { get; init; } = [];

    /// <inheritdoc cref="PrepareForMigrationAnswer.MigrationUri"/>
    public string? MigrationUri { get; init; }

    /// <inheritdoc cref="MigrateAnswer.GuestPlaces"/>
    public IReadOnlyList<GuestPlace> GuestPlaces { get; init; } = [];
}

/// <inheritdoc cref="WorkflowEventKind.Undelivered"/>
internal sealed record Undelivered(long HostId) : WorkflowEvent(WorkflowEventKind.Undelivered);

/// <inheritdoc cref="WorkflowEventKind.Observed"/>
internal sealed record Observed(long HostId) : AwaitedHostEvent(WorkflowEventKind.Observed, HostId);

/// <inheritdoc cref="WorkflowEventKind.Sighted"/>
internal sealed record Sighted(long HostId) : WorkflowEvent(WorkflowEventKind.Sighted);

/// <inheritdoc cref="WorkflowEventKind.AgentSession"/>
internal sealed record AgentSession(long HostId) : AwaitedHostEvent(WorkflowEventKind.AgentSession, HostId);

/// <inheritdoc cref="WorkflowEventKind.HostDown"/>
internal sealed record HostDown(long HostId) : AwaitedHostEvent(WorkflowEventKind.HostDown, HostId);

/// <inheritdoc cref="WorkflowEventKind.Refused"/>
/// <param name="Refusal">Why.</param>
/// <param name="After">The event whose decision was refused.</param>
internal sealed record Refused(Refusal Refusal, WorkflowEvent After) : WorkflowEvent(WorkflowEventKind.Refused);

/// <inheritdoc cref="WorkflowEventKind.Overdue"/>
internal sealed record Overdue() : WorkflowEvent(WorkflowEventKind.Overdue)
{
    /// <summary>The host whose answer is overdue; null for the workflow's own deadline.</summary>
    public long? HostId { get; init; }
}

/// <inheritdoc cref="WorkflowEventKind.Cancel"/>
internal sealed record Cancel(string Why) : WorkflowEvent(WorkflowEventKind.Cancel)
{
    /// <summary>The workflow that waits wants the virtual machine off, whatever becomes of the workflow that is told to give up.</summary>
    public bool ToEnd { get; init; }
}
