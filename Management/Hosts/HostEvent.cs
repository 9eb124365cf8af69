namespace PciBus.Management.Hosts;

/// <summary>What changes a <see cref="HostStatus"/>; CloudStack's <c>Status.Event</c>.</summary>
internal enum HostEvent
{
    AgentConnected,
    PingTimeout,
    ShutdownRequested,
    AgentDisconnected,
    HostDown,
    Ping,
    ManagementServerDown,
    WaitedTooLong,
    Remove,
    Ready,
    StartAgentRebalance,
    RebalanceCompleted,
    RebalanceFailed,
    Error,
}
