using MassTransit;

namespace PciBus.Agent;

/// <summary>Publishes what the agent says on the bus.</summary>
internal sealed class BusManagementLink(IBus bus) : IManagementLink
{
    public Task SendAsync(object message, CancellationToken cancellationToken) =>
        bus.Publish(message, message.GetType(), cancellationToken);
}
