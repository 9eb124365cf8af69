using PciBus.Contracts.PciDevices;

namespace PciBus.Contracts.VirtualMachines;

/// <summary>
/// Answer to a command for a VM: what came of it, and what the hypervisor showed afterwards. Management matches it by
/// command id to what the VM's workflow waits for; any other answer changes nothing.
/// </summary>
public abstract record VirtualMachineAnswer : Answer
{
    // -- PciBus --

    public string HostGuid { get; init; } = "";

    public long Session { get; init; }

    /// <summary>
    /// The session that the answered copy of the command was written for. "Not begun" about a copy of an earlier session says nothing about
    /// the copy that was sent again, with the same id, for this session. Null when the agent does not say.
    /// </summary>
    public long? CommandSession { get; init; }

    /// <summary>Counts with the session's reports (<see cref="Startup.HostReport.Sequence"/>).</summary>
    public long Sequence { get; init; }

    public Guid VmUuid { get; init; }

    public Observation Observed { get; init; }

    /// <summary>
    /// What the domain does: an incoming or paused domain is not a VM that runs here. Null when there is no domain, or when it could not be
    /// read.
    /// </summary>
    public DomainStatus? Status { get; init; }

    /// <summary>The command was refused before the hypervisor was touched, and will not be carried out later either.</summary>
    public bool NotBegun { get; init; }

    /// <summary>
    /// Devices in the domain; null when they could not be read. Empty with <see cref="Observation.Off"/>.
    /// </summary>
    public IReadOnlyList<PciAddress>? PciDevices { get; init; }

    /// <summary>Number of the StartCommand that made the domain; null when there is no domain, or it does not say.</summary>
    public long? StartedBy { get; init; }

    /// <summary>Devices that the VM let go of, each with what the reset and the probe said.</summary>
    public IReadOnlyList<PciDeviceCleaning> Cleaned { get; init; } = [];

    /// <summary>What became of each device that the command was to detach or attach.</summary>
    public IReadOnlyList<PciDeviceOutcome> DeviceOutcomes { get; init; } = [];

    /// <summary>The agent's time when it sent this.</summary>
    public DateTimeOffset SentAt { get; init; }
}
