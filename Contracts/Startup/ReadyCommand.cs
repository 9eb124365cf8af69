namespace PciBus.Contracts.Startup;

/// <summary>Management to an agent: the host is Up, VMs will be placed on it. For the agent's log; nothing depends on it.</summary>
public sealed record ReadyCommand : Command
{
    public long HostId { get; init; }

    public string HostUuid { get; init; } = "";

    public string HostName { get; init; } = "";

    // -- PciBus --

    public long Session { get; init; }
}
