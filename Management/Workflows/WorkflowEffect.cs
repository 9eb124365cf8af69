using PciBus.Contracts.PciDevices;
using PciBus.Management.Deployment;
using PciBus.Management.Events;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>Something a workflow decided to have done, as a value. Only the runner carries effects out.</summary>
internal abstract record WorkflowEffect;

/// <summary>Find a host; the outcome comes back as <see cref="Planned"/> or <see cref="NothingFits"/>.</summary>
internal sealed record Plan(long? HostId, ExcludeList Avoid) : WorkflowEffect
{
    /// <summary>The cluster that the host must be in; null for any.</summary>
    public long? ClusterId { get; init; }

    /// <summary>The host that the virtual machine is to be migrated away from; null when it is to be started.</summary>
    public long? LeavingHostId { get; init; }
}

/// <summary>Move the virtual machine in its life cycle; its listeners claim and release.</summary>
internal sealed record Transit(VirtualMachineEvent Event, long? HostId, string Why, params OffEvidence[] Evidence) : WorkflowEffect;

/// <summary>Give back what the virtual machine has on a host that is known not to run it.</summary>
internal sealed record Release(OffEvidence Evidence, string Why) : WorkflowEffect;

/// <summary>Note that a host runs the virtual machine and should not: no copy is started until that host says Off.</summary>
internal sealed record NoteSighting(long HostId, long Session, long Sequence) : WorkflowEffect;

/// <summary>
/// Send a new command of the virtual machine to a host, and wait for its answer; the workflow no longer waits for earlier commands.
/// </summary>
internal sealed record Send(long HostId, VirtualMachineOrder Order, TimeSpan Timeout) : WorkflowEffect
{
    /// <summary>The workflow still waits for the answers of other hosts too.</summary>
    public bool Beside { get; init; }

    /// <summary>The workflow does not wait for the answer of this command; it waits for what it waited for before.</summary>
    public bool Aside { get; init; }

    /// <summary>Ids of the devices to attach or to detach; null = all that the virtual machine owns there.</summary>
    public IReadOnlyList<long>? DeviceIds { get; init; }

    /// <summary>Where a migration goes; needed for one.</summary>
    public MigrationRoute? Route { get; init; }

    /// <summary>Where the guest had devices, for those that are attached now.</summary>
    public IReadOnlyList<GuestPlace> GuestPlaces { get; init; } = [];
}

/// <summary>Where a migration goes.</summary>
/// <param name="HostId">The destination.</param>
/// <param name="Uri">As the destination gave it.</param>
internal sealed record MigrationRoute(long HostId, string Uri);

/// <summary>Send a host its outstanding command again, for its new session, under its old number.</summary>
internal sealed record SendAgain(long HostId) : WorkflowEffect;

/// <summary>Be woken at a moment; null = parked until the awaited host speaks.</summary>
internal sealed record SetDeadline(DateTimeOffset? At) : WorkflowEffect
{
    /// <summary>The host that the workflow waits for until then; null = every host that it waits for.</summary>
    public long? HostId { get; init; }
}

/// <summary>End the job, and so tell its caller the outcome; null = success. A job ends once.</summary>
internal sealed record EndJob(Refusal? Failure) : WorkflowEffect
{
    /// <summary>What else there is to say of a success; null for nothing.</summary>
    public string? Remark { get; init; }
}

/// <summary>
/// Take devices from the virtual machine that could not be attached on the host where it runs, and claim others of the same names there.
/// The outcome comes back as <see cref="Planned"/> when there are others, or <see cref="NothingFits"/>.
/// </summary>
/// <param name="Evidence">The answer that shows that the devices are not in the domain.</param>
/// <param name="Failed">Those devices, each with why it could not be given.</param>
internal sealed record ExchangeDevices(
    long HostId, OffEvidence Evidence, IReadOnlyDictionary<PciAddress, string> Failed) : WorkflowEffect
{
    /// <summary>Whether other devices are claimed in their place.</summary>
    public bool Replace { get; init; }
}

/// <summary>Write an event about the virtual machine, as a child of the event that began the job.</summary>
internal sealed record RecordEvent(string Text) : WorkflowEffect
{
    public EventLevel Level { get; init; } = EventLevel.INFO;
}

/// <summary>Tell the operator.</summary>
internal sealed record RaiseAlert(AlertType Type, long? HostId, string Subject, string Body) : WorkflowEffect;

/// <summary>What came of an effect.</summary>
/// <param name="Refusal">Why it could not be done; null when it was.</param>
/// <param name="Event">What the workflow must hear of it; null for nothing.</param>
internal sealed record EffectResult(Refusal? Refusal, WorkflowEvent? Event = null)
{
    public static EffectResult Done { get; } = new((Refusal?)null);
}
