using MassTransit;
using PciBus.Management.Persistence;

namespace PciBus.Management.Agents;

/// <summary>
/// Puts the outbox's messages on RabbitMQ, each confirmed by the broker, and mandatory: what is for a queue that is not there
/// comes back. The exchange in front of an agent's queue is declared with the first message to it.
/// </summary>
internal sealed class BrokerMessageSender(IBus bus, BrokerConnection connection, TimeProvider time) : IMessageSender
{
    /// <summary>Below the lease of an outbox row: while the broker is away a message waits here, and goes when it is back.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public async Task<Delivery> SendAsync(string destination, object message, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        // The bus tries again by itself when it loses the connection, and asks for the context anew each time. Whether an
        // attempt whose end nobody saw arrived is not known.
        var attempts = 0;
        try
        {
            // Not "queue:", which would declare a classic queue.
            var endpoint = await bus.GetSendEndpoint(new Uri($"exchange:{destination}"));
            await endpoint.Send(
                message,
                message.GetType(),
                Pipe.Execute<SendContext>(context =>
                {
                    attempts++;
                    context.GetPayload<RabbitMqSendContext>().Mandatory = true;
                }),
                either.Token);
            return Delivery.Taken;
        }
        catch (MessageReturnedException)
        {
            // An agent that is not back yet is sent what is outstanding when it announces itself.
            return attempts == 1 && connection.AgentsAreBack ? Delivery.ReturnedAtOnce : Delivery.Returned;
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The broker did not confirm a message for {destination} within {Patience.TotalSeconds} s", exception);
        }
    }
}
