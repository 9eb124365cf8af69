using System.Collections.Concurrent;
using PciBus.Agent.Broker;
using PciBus.Contracts;
using PciBus.Management.Persistence;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PciBus.Management.Agents;

/// <summary>
/// Puts the outbox's messages on RabbitMQ, each confirmed by the broker, and mandatory: what is for a queue that is not there
/// comes back. The exchange in front of an agent's queue is declared with the first message to it on a connection. One channel
/// serves thousands of agents; MassTransit's endpoints have one each.
/// </summary>
internal sealed class BrokerMessageSender(BusAddress address, BrokerConnection agents, TimeProvider time) : IMessageSender, IAsyncDisposable
{
    /// <summary>Below the lease of an outbox row: while the broker is away a message waits here, and goes when it is back.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    private readonly ConnectionFactory _factory = BrokerFactory.For(address, Heartbeat, "pcibus management, sending");
    private readonly SemaphoreSlim _opening = new(1);
    private volatile Way? _way;

    public async Task<Delivery> SendAsync(string destination, object message, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        Exception? last = null;
        try
        {
            // Whether an attempt whose end nobody saw arrived is not known.
            for (var mayHaveArrived = false; ;)
            {
                try
                {
                    var way = await OpenAsync(destination, either.Token);
                    var isFirst = !mayHaveArrived;
                    mayHaveArrived = true;
                    return await PublishAsync(way, destination, message, isFirst, either.Token);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    last = exception;
                    await Task.Delay(Pause, time, either.Token);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The broker did not confirm a message for {destination} within {Patience.TotalSeconds} s", last);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_way is { } way) await way.DisposeAsync();
        _opening.Dispose();
    }

    private async Task<Delivery> PublishAsync(Way way, string destination, object message, bool isFirst, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid();
        try
        {
            await way.Channel.BasicPublishAsync(
                destination,
                routingKey: "",
                mandatory: true,
                new BasicProperties { ContentType = Envelope.ContentType, MessageId = id.ToString(), Persistent = true },
                Envelope.Write(message, id, time.GetUtcNow()),
                cancellationToken);
            return Delivery.Taken;
        }
        catch (PublishException exception) when (exception.IsReturn)
        {
            // An agent that is not back yet is sent what is outstanding when it announces itself.
            return isFirst && agents.AgentsAreBack ? Delivery.ReturnedAtOnce : Delivery.Returned;
        }
    }

    /// <summary>The connection of now, with the destination's exchange on it.</summary>
    private async Task<Way> OpenAsync(string destination, CancellationToken cancellationToken)
    {
        if (_way is not { IsOpen: true } way)
        {
            await _opening.WaitAsync(cancellationToken);
            try
            {
                if (_way is not { IsOpen: true })
                {
                    if (_way is { } lost) await lost.DisposeAsync();
                    _way = await Way.OpenAsync(_factory, cancellationToken);
                }

                way = _way;
            }
            finally
            {
                _opening.Release();
            }
        }

        await way.DeclareAsync(destination).WaitAsync(cancellationToken);
        return way;
    }

    /// <summary>One connection, and the exchanges that were declared on it: a broker that loses them ends it.</summary>
    private sealed class Way(IConnection connection, IChannel channel) : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, Lazy<Task>> _declared = new();

        public IChannel Channel => channel;

        public bool IsOpen => channel.IsOpen;

        public static async Task<Way> OpenAsync(ConnectionFactory factory, CancellationToken cancellationToken)
        {
            var connection = await factory.CreateConnectionAsync(cancellationToken);
            return new Way(connection, await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken));
        }

        public async Task DeclareAsync(string destination)
        {
            var declared = _declared.GetOrAdd(destination, name => new Lazy<Task>(
                () => channel.ExchangeDeclareAsync(name, ExchangeType.Fanout, durable: true, autoDelete: false)));
            try
            {
                await declared.Value;
            }
            catch
            {
                // A busy broker may take longer than the client waits: the next message asks again.
                _declared.TryRemove(KeyValuePair.Create(destination, declared));
                throw;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await channel.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
