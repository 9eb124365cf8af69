using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
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
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    private readonly ConnectionKeeper _keeper = new(
        BrokerFactory.For(address, Heartbeat, "pcibus management, sending").CreateConnectionAsync, (Pause, LongestPause), time);

    /// <summary>The exchanges that were declared on a channel: a broker that loses them closes the channel.</summary>
    private readonly ConditionalWeakTable<IChannel, ConcurrentDictionary<string, Lazy<Task>>> _declared = new();

    private readonly Lock _gate = new();
    private Task? _keeping;

    /// <summary>The broker was away between the connection before and this one.</summary>
    private bool _wasAway;

    public async Task<Delivery> SendAsync(string destination, object message, CancellationToken cancellationToken)
    {
        // An attempt whose end nobody saw may have arrived.
        var mayHaveArrived = false;
        return await UntilTakenAsync(destination, TryAsync, cancellationToken);

        async Task<Delivery> TryAsync(CancellationToken patience)
        {
            if (message is DestinationGone)
            {
                await DropAsync(destination, patience);
                return Delivery.Taken;
            }

            var isFirst = !mayHaveArrived;
            try
            {
                // This caller may give up waiting; connection, channel and exchange are made ready for all the others.
                var channel = await ChannelAsync(patience);
                await DeclareAsync(channel, destination).WaitAsync(patience);
                mayHaveArrived = true;
                await Envelope.PublishAsync(channel, destination, message, user: null, time.GetUtcNow(), patience);
                return Delivery.Taken;
            }
            catch (PublishException exception) when (exception.IsReturn)
            {
                // An agent that is not back yet is sent what is outstanding when it announces itself.
                return isFirst && agents.AgentsAreBack ? Delivery.ReturnedAtOnce : Delivery.Returned;
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
                catch (Exception exception) when (!either.IsCancellationRequested)
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
            var channel = await ChannelAsync(patience);
            await channel.BasicPublishAsync(EndpointNames.Refused, routingKey: "", mandatory: true, letter, body, patience);
            return Delivery.Taken;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _keeper.Dispose();
        if (_keeping is { } keeping) await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<IChannel> ChannelAsync(CancellationToken patience) =>
        await (await ConnectionAsync(patience)).ChannelAsync().WaitAsync(patience);

    /// <summary>The connection of this moment, or the next; the first message begins the first.</summary>
    private Task<BrokerConnection> ConnectionAsync(CancellationToken patience)
    {
        lock (_gate) _keeping ??= Task.Run(() => _keeper.RunAsync(ServeAsync, NoteFailure, CancellationToken.None), CancellationToken.None);
        return _keeper.NextAsync().WaitAsync(patience);
    }

    private async Task ServeAsync(BrokerConnection connection, CancellationToken cancellationToken)
    {
        await DeclareRefusedAsync(await connection.ChannelAsync().WaitAsync(cancellationToken));
        if (_wasAway) agents.NoteInterruption();
        await _keeper.Give(connection).WaitAsync(cancellationToken);
        // Trouble with one agent's exchange can end a connection, too: the broker was not away.
        _wasAway = !connection.EndedOverAChannel;
    }

    private bool NoteFailure(Exception exception)
    {
        agents.NoteInterruption();
        return true;
    }

    /// <summary>Declares the queue of refused messages here: nobody consumes it, so no endpoint declares it.</summary>
    private async Task DeclareRefusedAsync(IChannel channel)
    {
        var kept = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-max-length"] = MostRefused };
        await DeclareAsync(channel, EndpointNames.Refused);
        await channel.QueueDeclareAsync(EndpointNames.Refused, durable: true, exclusive: false, autoDelete: false, arguments: kept);
        await channel.QueueBindAsync(EndpointNames.Refused, EndpointNames.Refused, "");
    }

    private async Task DeclareAsync(IChannel channel, string destination)
    {
        var onChannel = _declared.GetOrCreateValue(channel);
        var declared = onChannel.GetOrAdd(destination, name => new Lazy<Task>(
            () => channel.ExchangeDeclareAsync(name, ExchangeType.Fanout, durable: true, autoDelete: false)));
        try
        {
            await declared.Value;
        }
        catch
        {
            // A busy broker may take longer than the client waits: the next message declares the exchange again.
            onChannel.TryRemove(KeyValuePair.Create(destination, declared));
            throw;
        }
    }

    /// <summary>
    /// Deletes an exchange, unless a queue is bound to it; on a channel of its own, as the broker closes the channel when it refuses.
    /// </summary>
    private async Task DropAsync(string destination, CancellationToken patience)
    {
        var connection = await ConnectionAsync(patience);
        var declared = _declared.GetOrCreateValue(await connection.ChannelAsync().WaitAsync(patience));
        // A message to an agent that comes back declares the exchange again.
        declared.TryRemove(destination, out _);
        await using var own = await connection.Connection.CreateChannelAsync(cancellationToken: patience);
        try
        {
            await own.ExchangeDeleteAsync(destination, ifUnused: true, cancellationToken: patience);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason is { ReplyCode: PreconditionFailed })
        {
            return;
        }

        // Another message may have declared the exchange once more before it was deleted.
        declared.TryRemove(destination, out _);
    }
}
