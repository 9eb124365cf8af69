using PciBus.Management.Deployment;
using PciBus.Management.Events;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>Something a workflow decided to have done, as a value. Only the runner carries effects out.</summary>
internal abstract record WorkflowEffect;

/// <summary>Find a host; the outcome comes back as <see cref="Planned"/> or <see cref="NothingFits"/>.</summary>
internal sealed record Plan(long? HostId, ExcludeList Avoid) : WorkflowEffect;

/// <summary>Move the virtual machine in its life cycle; its listeners claim and release.</summary>
internal sealed record Transit(VirtualMachineEvent Event, long? HostId, string Why, params OffEvidence[] Evidence) : WorkflowEffect;

/// <summary>Give back what the virtual machine has on a host that is known not to run it.</summary>
internal sealed record Release(OffEvidence Evidence, string Why) : WorkflowEffect;

/// <summary>Note that a host runs the virtual machine and should not: nothing of it is started until that host says Off.</summary>
internal sealed record NoteSighting(long HostId, long Session, long Sequence) : WorkflowEffect;

/// <summary>Send a new command of the virtual machine to a host, and wait for its answer; nothing that was sent before is waited for any more.</summary>
internal sealed record Send(long HostId, VirtualMachineOrder Order, TimeSpan Timeout) : WorkflowEffect
{
    /// <summary>What other hosts were sent is waited for beside it.</summary>
    public bool Beside { get; init; }
}

/// <summary>Send a host its outstanding command again, for its new session, under its old number.</summary>
internal sealed record SendAgain(long HostId) : WorkflowEffect;

/// <summary>Be woken at a moment; null = parked until the awaited host speaks.</summary>
internal sealed record SetDeadline(DateTimeOffset? At) : WorkflowEffect
{
    /// <summary>The host that is waited for until then; null = every one that is waited for.</summary>
    public long? HostId { get; init; }
}

/// <summary>Tell whoever asked; null = it succeeded. A job ends once.</summary>
internal sealed record EndJob(Refusal? Failure) : WorkflowEffect;

/// <summary>Tell the operator.</summary>
internal sealed record RaiseAlert(AlertType Type, long? HostId, string Subject, string Body) : WorkflowEffect;
