using MassTransit;
using PciBus.Management.Hosts;

namespace PciBus.Management.Agents;

/// <summary>
/// Knows when the broker was last away, as those who consume its queues see it. All agents lose their queues with it, and each comes back in its own time: until then,
/// that its queue is not there says nothing about the agent.
/// </summary>
internal sealed class AgentReturn(HostOptions options, TimeProvider time) : IReceiveEndpointObserver
{
    private readonly Lock _gate = new();
    private bool _isAway;

    /// <summary>What was before this process began is not known: the broker may have begun with it.</summary>
    private long _backSince = time.GetTimestamp();

    /// <summary>Whether an agent without a queue is one that is away.</summary>
    public bool AgentsAreBack
    {
        get
        {
            lock (_gate) return !_isAway && time.GetElapsedTime(_backSince) > options.AgentReturnTime;
        }
    }

    public Task Ready(ReceiveEndpointReady ready)
    {
        lock (_gate)
        {
            if (_isAway) _backSince = time.GetTimestamp();
            _isAway = false;
        }

        return Task.CompletedTask;
    }

    public Task Faulted(ReceiveEndpointFaulted faulted)
    {
        lock (_gate) _isAway = true;
        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;
}
