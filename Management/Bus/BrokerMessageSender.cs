using System.Collections.Concurrent;
using PciBus.Contracts;
using PciBus.Contracts.Connection;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Persistence;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PciBus.Management.Bus;

/// <summary>
/// Publishes the outbox's messages on RabbitMQ, each confirmed by the broker, and mandatory: a message for a queue that is not there comes
/// back. The exchange in front of an agent's queue is declared with the first message to it on a connection. One channel serves thousands
/// of agents; MassTransit would open one for each endpoint.
/// </summary>
internal sealed class BrokerMessageSender(BusAddress address, BrokerOutage agents, TimeProvider time) : IMessageSender, IAsyncDisposable
{
    /// <summary>How long a message waits here while the broker is away: shorter than the lease of an outbox row.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private const int LongestReason = 300;

    /// <summary>Publishers that are refused may send much: beyond so many refused messages the oldest goes.</summary>
    private const int MostRefused = 1000;
    private const int PreconditionFailed = 406;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    private readonly ConnectionFactory _factory = BrokerFactory.For(address, Heartbeat, "pcibus management, sending");
    private readonly Lock _gate = new();
    private Task<SendingConnection>? _current;
    private volatile SendingConnection? _open;

    public async Task<Delivery> SendAsync(string destination, object message, CancellationToken cancellationToken)
    {
        // An attempt whose end nobody saw may have arrived.
        var mayHaveArrived = false;
        return await UntilTakenAsync(destination, TryAsync, cancellationToken);

        async Task<Delivery> TryAsync(CancellationToken patience)
        {
            if (message is DestinationGone)
            {
                await (await Current().WaitAsync(patience)).DropAsync(destination, patience);
                return Delivery.Taken;
            }

            try
            {
                var connection = await OpenAsync(destination, patience);
                var isFirst = !mayHaveArrived;
                mayHaveArrived = true;
                return await PublishAsync(connection, destination, message, isFirst, patience);
            }
            catch (OperationInterruptedException exception) when (IsAboutExchange(exception, destination))
            {
                // Nothing gets through to this agent. Messages to other agents that were lost with the channel are tried again.
                return Delivery.Returned;
            }
        }
    }

    /// <summary>Repeats an attempt until it has an outcome, for as long as a message may wait here.</summary>
    private async Task<T> UntilTakenAsync<T>(
        string destination, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        Exception? last = null;
        try
        {
            while (true)
            {
                try
                {
                    return await attempt(either.Token);
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    // The broker is away, or one exchange has cost all agents the channel: another server may just have deleted it.
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

    /// <summary>The broker has the destination's exchange, but not as it should be.</summary>
    private static bool IsAboutExchange(OperationInterruptedException exception, string destination) =>
        exception.ShutdownReason is { ReplyCode: PreconditionFailed } reason
            && reason.ReplyText.Contains($"'{destination}'", StringComparison.Ordinal);

    /// <summary>Puts a message aside that the host for which it speaks did not send.</summary>
    /// <param name="queue">Where it came in.</param>
    /// <param name="user">Who published it.</param>
    public async Task RefuseAsync(string queue, string user, string why, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var letter = new BasicProperties
        {
            ContentType = Envelope.ContentType,
            Persistent = true,
            Headers = new Dictionary<string, object?>
            {
                [DeadLetters.QueueHeader] = queue,
                // The reason may quote a text of any length, and all headers go in one frame.
                [DeadLetters.ReasonHeader] = why.Length > LongestReason ? why[..LongestReason] : why,
                [DeadLetterFilter.RefusedUserHeader] = user,
            },
        };
        await UntilTakenAsync(EndpointNames.Refused, TryAsync, cancellationToken);

        async Task<Delivery> TryAsync(CancellationToken patience)
        {
            var connection = await Current().WaitAsync(patience);
            await connection.Channel.BasicPublishAsync(EndpointNames.Refused, routingKey: "", mandatory: true, letter, body, patience);
            return Delivery.Taken;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_open is { } open) await open.DisposeAsync();
    }

    private async Task<Delivery> PublishAsync(
        SendingConnection connection, string destination, object message, bool isFirst, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid();
        try
        {
            await connection.Channel.BasicPublishAsync(
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

    /// <summary>The current connection, with the destination's exchange declared on it.</summary>
    private async Task<SendingConnection> OpenAsync(string destination, CancellationToken cancellationToken)
    {
        // This caller may give up waiting; the connection is opened for all the others.
        var connection = await Current().WaitAsync(cancellationToken);
        await connection.DeclareAsync(destination).WaitAsync(cancellationToken);
        return connection;
    }

    private Task<SendingConnection> Current()
    {
        lock (_gate)
        {
            var serves = _current is { IsCompleted: false } || (_current is not null && _open is { IsOpen: true });
            return serves ? _current! : _current = ReplaceAsync(_open);
        }
    }

    /// <param name="lost">The previous connection, which is of no use any more.</param>
    private async Task<SendingConnection> ReplaceAsync(SendingConnection? lost)
    {
        await Task.Yield();
        // Trouble with one agent's exchange ends the channel only: the broker was not away.
        if (lost is not null && await lost.ReopenAsync() is { } reopened) return _open = reopened;
        if (lost is not null) await lost.DisposeAsync();
        try
        {
            _open = await SendingConnection.OpenAsync(_factory);
        }
        catch
        {
            agents.NoteInterruption();
            throw;
        }

        if (lost is { EndedOverAChannel: false }) agents.NoteInterruption();
        return _open;
    }

    /// <summary>One connection, and the exchanges that were declared on it: a broker that loses them ends the connection.</summary>
    private sealed class SendingConnection(IConnection connection, IChannel channel) : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, Lazy<Task>> _declared = new();

        public IChannel Channel => channel;

        public bool IsOpen => channel.IsOpen;

        /// <summary>
        /// The broker is there, and has ended the connection: a message was on its way over a channel that the broker had just closed.
        /// </summary>
        public bool EndedOverAChannel =>
            connection.CloseReason is { Initiator: ShutdownInitiator.Peer, ReplyCode: Constants.ChannelError or Constants.UnexpectedFrame };

        private static CreateChannelOptions Confirmed =>
            new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

        public static async Task<SendingConnection> OpenAsync(ConnectionFactory factory)
        {
            var connection = await factory.CreateConnectionAsync();
            try
            {
                var opened = new SendingConnection(connection, await connection.CreateChannelAsync(Confirmed));
                await opened.DeclareRefusedAsync();
                return opened;
            }
            catch
            {
                await connection.DisposeAsync();
                throw;
            }
        }

        /// <summary>Opens another channel on the same connection; null when the connection is lost as well.</summary>
        public async Task<SendingConnection?> ReopenAsync()
        {
            try
            {
                return connection.IsOpen ? new SendingConnection(connection, await connection.CreateChannelAsync(Confirmed)) : null;
            }
            catch (Exception exception) when (
                exception is RabbitMQClientException or IOException or ObjectDisposedException or OperationCanceledException)
            {
                return null;
            }
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
                // A busy broker may take longer than the client waits: the next message declares the exchange again.
                _declared.TryRemove(KeyValuePair.Create(destination, declared));
                throw;
            }
        }

        /// <summary>
        /// Deletes an exchange, unless a queue is bound to it; on a channel of its own, as the broker closes the channel when it refuses.
        /// </summary>
        public async Task DropAsync(string destination, CancellationToken cancellationToken)
        {
            // A message to an agent that comes back declares the exchange again.
            _declared.TryRemove(destination, out _);
            await using var own = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            try
            {
                await own.ExchangeDeleteAsync(destination, ifUnused: true, cancellationToken: cancellationToken);
            }
            catch (OperationInterruptedException exception) when (exception.ShutdownReason is { ReplyCode: PreconditionFailed })
            {
                return;
            }

            // Another message may have declared the exchange once more before it was deleted.
            _declared.TryRemove(destination, out _);
        }

        /// <summary>Declares the queue of refused messages here: nobody consumes it, so no endpoint declares it.</summary>
        private async Task DeclareRefusedAsync()
        {
            var kept = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-max-length"] = MostRefused };
            await DeclareAsync(EndpointNames.Refused);
            await channel.QueueDeclareAsync(EndpointNames.Refused, durable: true, exclusive: false, autoDelete: false, arguments: kept);
            await channel.QueueBindAsync(EndpointNames.Refused, EndpointNames.Refused, "");
        }

        public async ValueTask DisposeAsync()
        {
            try
            {
                await using (connection) await channel.DisposeAsync();
            }
            catch (Exception)
            {
                // A connection that was lost cannot always say good-bye, and must not keep the next one from being opened.
            }
        }
    }
}
