using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>What a decision may know besides the workflow's own step and document.</summary>
internal sealed record WorkflowFacts(
    DateTimeOffset Now,
    WorkflowOptions Options,
    string VmName,
    VirtualMachineState VmState,
    long? VmHostId,
    long? AwaitingHostId,
    string? AwaitingHostName,
    bool IsParked)
{
    /// <summary>The awaited host was declared down, and has not been Up since.</summary>
    public bool AwaitingHostWasDown { get; init; }

    /// <summary>The virtual machine has CPU and RAM, or a device, of the awaited host.</summary>
    public bool AwaitingHostHolds { get; init; }

    /// <summary>The virtual machine is to be started again, because its host was declared down.</summary>
    public bool RestartPending { get; init; }

    /// <summary>Number of the last command that was written for the virtual machine.</summary>
    public long CommandNumber { get; init; }

    /// <summary>The source, while the virtual machine is Migrating; otherwise null.</summary>
    public long? MigratingFrom { get; init; }

    /// <summary>When the time of the awaited host is over; null when that is not known, or the workflow is parked.</summary>
    public DateTimeOffset? AwaitedUntil { get; init; }

    /// <summary>The hosts on which the virtual machine may be, and the awaited host.</summary>
    public IReadOnlyList<HostFacts> Hosts { get; init; } = [];

    /// <summary>When the job must have been told an outcome.</summary>
    public required DateTimeOffset JobDeadline { get; init; }

    /// <summary>Session of one of these hosts; 0 for another.</summary>
    public long SessionOf(long hostId) => Of(hostId)?.Session ?? 0;

    /// <summary>Whether one of these hosts is Down now.</summary>
    public bool IsDown(long hostId) => Of(hostId)?.IsDown == true;

    /// <summary>Name of one of these hosts, for people.</summary>
    public string NameOf(long hostId) => Of(hostId)?.Name ?? "its host";

    public DateTimeOffset In(TimeSpan span) => Now + span;

    private HostFacts? Of(long hostId) => Hosts.FirstOrDefault(host => host.Id == hostId);
}

/// <summary>What a decision may know of a host.</summary>
/// <param name="IsDown">It is Down at this moment.</param>
internal sealed record HostFacts(long Id, string Name, long Session, bool IsDown);

/// <summary>The device that a workflow is about.</summary>
/// <param name="Address">In full.</param>
/// <param name="Name">The name under which it was claimed.</param>
/// <param name="IsNew">The workflow has claimed the device; else the virtual machine owned it before.</param>
internal sealed record ChosenDevice(long Id, string Address, string Name, bool IsNew)
{
    public override string ToString() => $"{Address} ({Name})";
}
