using PciBus.Contracts.VirtualMachines;

namespace PciBus.Management.Workflows.MigrateVirtualMachine;

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
