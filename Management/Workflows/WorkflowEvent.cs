using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>Something that happened to a workflow, as a value.</summary>
internal abstract record WorkflowEvent(WorkflowEventKind Kind);

/// <summary>Something that happened to the host that a workflow waits for.</summary>
internal abstract record AwaitedHostEvent(WorkflowEventKind Kind, long HostId) : WorkflowEvent(Kind);

/// <inheritdoc cref="WorkflowEventKind.Begun"/>
internal sealed record Begun() : WorkflowEvent(WorkflowEventKind.Begun);

/// <inheritdoc cref="WorkflowEventKind.Planned"/>
internal sealed record Planned(long HostId) : WorkflowEvent(WorkflowEventKind.Planned)
{
    /// <summary>The device that was looked for; null when a host was.</summary>
    public ChosenDevice? Device { get; init; }

    /// <summary>It needs PCI devices there.</summary>
    public bool WithDevices { get; init; }

    /// <summary>Which devices there are none of; null when nothing is missing.</summary>
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
    /// <inheritdoc cref="VirtualMachineAnswer.Status"/>
    public DomainStatus? Status { get; init; }

    /// <inheritdoc cref="VirtualMachineAnswer.PciDevices"/>
    public IReadOnlyList<PciAddress>? PciDevices { get; init; }

    /// <inheritdoc cref="VirtualMachineAnswer.DeviceOutcomes"/>
    public IReadOnlyList<PciDeviceOutcome> DeviceOutcomes { get; init; } = [];

    /// <inheritdoc cref="PrepareForMigrationAnswer.MigrationUri"/>
    public string? MigrationUri { get; init; }

    /// <summary>What a host says, as the workflow hears it.</summary>
    public static Answered Of(VirtualMachineAnswer answer, long hostId, string hostName) => new(
        hostId, hostName, answer.Session, answer.Sequence, answer.Result, answer.NotBegun, answer.Observed, answer.Details, answer.Cleaned)
    {
        Status = answer.Status,
        PciDevices = answer.PciDevices,
        DeviceOutcomes = answer.DeviceOutcomes,
        MigrationUri = (answer as PrepareForMigrationAnswer)?.MigrationUri,
    };
}

/// <inheritdoc cref="WorkflowEventKind.Undelivered"/>
internal sealed record Undelivered(long HostId) : WorkflowEvent(WorkflowEventKind.Undelivered);

/// <inheritdoc cref="WorkflowEventKind.Observed"/>
internal sealed record Observed(long HostId) : AwaitedHostEvent(WorkflowEventKind.Observed, HostId);

/// <inheritdoc cref="WorkflowEventKind.AgentSession"/>
internal sealed record AgentSession(long HostId) : AwaitedHostEvent(WorkflowEventKind.AgentSession, HostId);

/// <inheritdoc cref="WorkflowEventKind.HostDown"/>
internal sealed record HostDown(long HostId) : AwaitedHostEvent(WorkflowEventKind.HostDown, HostId);

/// <inheritdoc cref="WorkflowEventKind.Refused"/>
/// <param name="Refusal">Why.</param>
/// <param name="After">The event whose decision was refused.</param>
internal sealed record Refused(Refusal Refusal, WorkflowEvent After) : WorkflowEvent(WorkflowEventKind.Refused);

/// <inheritdoc cref="WorkflowEventKind.Overdue"/>
internal sealed record Overdue() : WorkflowEvent(WorkflowEventKind.Overdue);

/// <inheritdoc cref="WorkflowEventKind.Cancel"/>
internal sealed record Cancel(string Why) : WorkflowEvent(WorkflowEventKind.Cancel)
{
    /// <summary>Whoever waits wants the virtual machine off, whatever becomes of what it is about to do.</summary>
    public bool ToEnd { get; init; }
}
