using PciBus.Contracts.VirtualMachines;

namespace PciBus.Management.Workflows.MigrateVirtualMachine;

/// <summary>What is known of a virtual machine on one side of its migration.</summary>
internal enum HostWord
{
    /// <summary>The host was not asked yet, or could not say.</summary>
    Unknown,

    /// <summary>The virtual machine runs there, or its guest has crashed there: it is nowhere else on its way.</summary>
    Runs,

    /// <summary>The domain there does not run; the virtual machine may live on the other side.</summary>
    Paused,

    /// <summary>A migration has brought a domain there that does not run.</summary>
    Incoming,
    Off,

    /// <summary>The host was declared down.</summary>
    Down,
}

/// <summary>Reads answers.</summary>
internal static class HostWords
{
    public static HostWord Of(Answered answer) => answer switch
    {
        { Observed: Observation.Off } => HostWord.Off,
        { Observed: Observation.Running, Status: DomainStatus.Running or DomainStatus.Crashed } => HostWord.Runs,
        { Observed: Observation.Running, Status: DomainStatus.Paused } => HostWord.Paused,
        { Observed: Observation.UnderWay, Status: DomainStatus.Incoming } => HostWord.Incoming,
        _ => HostWord.Unknown,
    };
}
