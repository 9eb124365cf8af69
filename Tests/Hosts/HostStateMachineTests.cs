using PciBus.Management.Hosts;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hosts;

public sealed class HostStateMachineTests
{
    /// <summary>CloudStack's table of a host's status, written out once more: from, event, to.</summary>
    private const string Table = """
        Creating                     | AgentConnected | Connecting
        Creating                     | Error | Error
        Connecting                   | AgentConnected | Connecting
        Connecting                   | Ready | Up
        Connecting                   | PingTimeout | Alert
        Connecting                   | ShutdownRequested | Disconnected
        Connecting                   | HostDown | Down
        Connecting                   | Ping | Connecting
        Connecting                   | ManagementServerDown | Disconnected
        Connecting                   | StartAgentRebalance | Rebalancing
        Connecting                   | AgentDisconnected | Alert
        Up                           | PingTimeout | Alert
        Up                           | AgentDisconnected | Alert
        Up                           | ShutdownRequested | Disconnected
        Up                           | HostDown | Down
        Up                           | Ping | Up
        Up                           | AgentConnected | Connecting
        Up                           | ManagementServerDown | Disconnected
        Up                           | StartAgentRebalance | Rebalancing
        Up                           | Remove | Removed
        Disconnected                 | PingTimeout | Alert
        Disconnected                 | AgentConnected | Connecting
        Disconnected                 | Ping | Up
        Disconnected                 | HostDown | Down
        Disconnected                 | ManagementServerDown | Disconnected
        Disconnected                 | WaitedTooLong | Alert
        Disconnected                 | Remove | Removed
        Disconnected                 | AgentDisconnected | Disconnected
        Disconnected                 | ShutdownRequested | Disconnected
        Down                         | AgentConnected | Connecting
        Down                         | Remove | Removed
        Down                         | ManagementServerDown | Down
        Down                         | AgentDisconnected | Down
        Down                         | PingTimeout | Down
        Down                         | HostDown | Down
        Down                         | ShutdownRequested | Disconnected
        Alert                        | AgentConnected | Connecting
        Alert                        | Ping | Up
        Alert                        | Remove | Removed
        Alert                        | ManagementServerDown | Alert
        Alert                        | AgentDisconnected | Alert
        Alert                        | ShutdownRequested | Disconnected
        Alert                        | HostDown | Down
        Rebalancing                  | RebalanceFailed | Disconnected
        Rebalancing                  | RebalanceCompleted | Connecting
        Rebalancing                  | ManagementServerDown | Disconnected
        Rebalancing                  | AgentConnected | Connecting
        Rebalancing                  | AgentDisconnected | Rebalancing
        Rebalancing                  | ShutdownRequested | Disconnected
        Error                        | AgentConnected | Connecting
        """;

    [Fact]
    public void LifeCycle_IsCloudStacksTable() => Assert.Equal(
        TransitionTable.Read<HostStatus, HostEvent>(Table), TransitionTable.Of<HostStatus, HostEvent>(HostStateMachine.TryNext));
}
