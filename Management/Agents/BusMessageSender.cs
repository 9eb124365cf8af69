using MassTransit;
using PciBus.Management.Persistence;

namespace PciBus.Management.Agents;

/// <summary>Puts the outbox's messages on MassTransit's bus.</summary>
internal sealed class BusMessageSender(IBus bus) : IMessageSender
{
    public async Task SendAsync(string destination, object message, CancellationToken cancellationToken)
    {
        var endpoint = await bus.GetSendEndpoint(new Uri($"queue:{destination}"));
        await endpoint.Send(message, message.GetType(), cancellationToken);
    }
}
