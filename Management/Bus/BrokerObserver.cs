using MassTransit;
using PciBus.Management.Hosts.Liveness;

namespace PciBus.Management.Bus;

/// <summary>Notes when the broker is away, as the consumers of its queues see it.</summary>
internal sealed class BrokerObserver(BrokerOutage agents) : IReceiveEndpointObserver
{
    public Task Ready(ReceiveEndpointReady ready)
    {
        agents.NoteReturn();
        return Task.CompletedTask;
    }

    public Task Faulted(ReceiveEndpointFaulted faulted)
    {
        agents.NoteLoss();
        return Task.CompletedTask;
    }

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;
}
