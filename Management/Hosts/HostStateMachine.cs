using static PciBus.Management.Hosts.HostEvent;
using static PciBus.Management.Hosts.HostStatus;

namespace PciBus.Management.Hosts;

/// <summary>The life cycle of a host's status: CloudStack's table, as data.</summary>
internal static class HostStateMachine
{
    private static readonly Dictionary<(HostStatus, HostEvent), HostStatus> Transitions = new()
    {
        [(Creating, AgentConnected)] = Connecting,
        [(Creating, HostEvent.Error)] = HostStatus.Error,
        [(Connecting, AgentConnected)] = Connecting,
        [(Connecting, Ready)] = Up,
        [(Connecting, PingTimeout)] = Alert,
        [(Connecting, ShutdownRequested)] = Disconnected,
        [(Connecting, HostDown)] = Down,
        [(Connecting, Ping)] = Connecting,
        [(Connecting, ManagementServerDown)] = Disconnected,
        [(Connecting, StartAgentRebalance)] = Rebalancing,
        [(Connecting, AgentDisconnected)] = Alert,
        [(Up, PingTimeout)] = Alert,
        [(Up, AgentDisconnected)] = Alert,
        [(Up, ShutdownRequested)] = Disconnected,
        [(Up, HostDown)] = Down,
        [(Up, Ping)] = Up,
        [(Up, AgentConnected)] = Connecting,
        [(Up, ManagementServerDown)] = Disconnected,
        [(Up, StartAgentRebalance)] = Rebalancing,
        [(Up, Remove)] = Removed,
        [(Disconnected, PingTimeout)] = Alert,
        [(Disconnected, AgentConnected)] = Connecting,
        [(Disconnected, Ping)] = Up,
        [(Disconnected, HostDown)] = Down,
        [(Disconnected, ManagementServerDown)] = Disconnected,
        [(Disconnected, WaitedTooLong)] = Alert,
        [(Disconnected, Remove)] = Removed,
        [(Disconnected, AgentDisconnected)] = Disconnected,
        [(Disconnected, ShutdownRequested)] = Disconnected,
        [(Down, AgentConnected)] = Connecting,
        [(Down, Remove)] = Removed,
        [(Down, ManagementServerDown)] = Down,
        [(Down, AgentDisconnected)] = Down,
        [(Down, PingTimeout)] = Down,
        [(Down, HostDown)] = Down,
        [(Down, ShutdownRequested)] = Disconnected,
        [(Alert, AgentConnected)] = Connecting,
        [(Alert, Ping)] = Up,
        [(Alert, Remove)] = Removed,
        [(Alert, ManagementServerDown)] = Alert,
        [(Alert, AgentDisconnected)] = Alert,
        [(Alert, ShutdownRequested)] = Disconnected,
        [(Alert, HostDown)] = Down,
        [(Rebalancing, RebalanceFailed)] = Disconnected,
        [(Rebalancing, RebalanceCompleted)] = Connecting,
        [(Rebalancing, ManagementServerDown)] = Disconnected,
        [(Rebalancing, AgentConnected)] = Connecting,
        [(Rebalancing, AgentDisconnected)] = Rebalancing,
        [(Rebalancing, ShutdownRequested)] = Disconnected,
        [(HostStatus.Error, AgentConnected)] = Connecting,
    };

    public static bool TryNext(HostStatus status, HostEvent @event, out HostStatus next) =>
        Transitions.TryGetValue((status, @event), out next);
}

/// <summary>Whether management hears the host; CloudStack's <c>Status</c>.</summary>
internal enum HostStatus
{
    Creating,
    Connecting,
    Up,
    Down,
    Disconnected,
    Alert,
    Removed,
    Error,
    Rebalancing,
}

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
