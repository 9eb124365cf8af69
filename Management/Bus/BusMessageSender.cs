using MassTransit;
using PciBus.Management.Persistence;

namespace PciBus.Management.Bus;

/// <summary>Puts the outbox's messages on the bus within this process, where nothing is returned.</summary>
internal sealed class BusMessageSender(IBus bus) : IMessageSender
{
    public async Task<Delivery> SendAsync(string destination, object message, CancellationToken cancellationToken)
    {
        // There are only as many queues within this process as it has hosts.
        if (message is DestinationGone) return Delivery.Taken;
        var endpoint = await bus.GetSendEndpoint(new Uri($"queue:{destination}"));
        await endpoint.Send(message, message.GetType(), cancellationToken);
        return Delivery.Taken;
    }
}
