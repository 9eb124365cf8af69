using System.Text.Json;
using PciBus.Contracts;
using PciBus.Contracts.Connection;
using PciBus.Contracts.Startup;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace PciBus.Agent.Broker;

/// <summary>
/// The agent's way to management over RabbitMQ. Each connection is a new session: messages under way on the connection before may be lost
/// on either side, and management sends them again in the new session.
/// </summary>
internal sealed partial class BrokerLink(
    BrokerConnector connector, TimeProvider time, ILogger<BrokerLink> logger) : IManagementLink, IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(20);

    private readonly ConnectionKeeper _keeper = new(connector.ConnectAsync, (FirstRetry, LastRetry), time);
    private volatile QueueWatch? _watch;
    private long? _lockedSince;

    /// <summary>Connects, and connects again whenever the connection is lost, until cancelled.</summary>
    /// <param name="node">Takes what arrives, and is told of each new connection once its queue is consumed.</param>
    /// <exception cref="GuidInUseException">Another agent is this host.</exception>
    public Task RunAsync(AgentNode node, CancellationToken cancellationToken) =>
        _keeper.RunAsync((connection, life) => ServeAsync(connection, node, life), NoteFailure, cancellationToken);

    /// <summary>Returns when the broker has put the message into management's queue.</summary>
    public async Task SendAsync(object message, CancellationToken cancellationToken)
    {
        var connection = _keeper.Current ?? throw new IOException("the broker is not connected");
        while (true)
        {
            try
            {
                await PublishAsync(connection, message, cancellationToken);
                if (message is PingRoutingCommand) _watch?.NotePing();
                return;
            }
            catch (Exception e) when (message is Answer && !connection.Lost.IsCompleted && !cancellationToken.IsCancellationRequested)
            {
                // E.g. the broker has lost everything: management declares its queues again at any moment. The agent repeats reports by
                // itself; it does not repeat an answer.
                LogNotAccepted(connector.HostGuid, message.GetType().Name, e.Message);
                await Task.Delay(FirstRetry, time, cancellationToken);
            }
            catch (Exception e) when (BrokerConnector.IsUnroutable(e))
            {
                throw new IOException($"management has no {EndpointNames.Management(message)} on the broker yet", e);
            }
        }
    }

    public void Dispose() => _keeper.Dispose();

    private static string ReasonOf(Exception exception) =>
        exception is BrokerUnreachableException { InnerException: { } inner } ? $"{exception.Message}: {inner.Message}" : exception.Message;

    private async Task ServeAsync(BrokerConnection connection, AgentNode node, CancellationToken cancellationToken)
    {
        await using var channel = await connector.TakeQueueAsync(connection.Connection, cancellationToken);
        _lockedSince = null;
        connection.LivesWith(channel);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            // Not awaited: the command is in its lane when this returns, and a command that waits for the hypervisor holds up nobody.
            _ = TakeAsync(channel, delivery.DeliveryTag, ReadOrNull(delivery.Body.Span), node, cancellationToken);
            return Task.CompletedTask;
        };
        consumer.UnregisteredAsync += (_, _) => Task.FromResult(connection.GiveUp("the queue is gone"));
        await channel.BasicConsumeAsync(connector.Queue, autoAck: false, consumer, cancellationToken);
        using var watch = new QueueWatch(connector, connection.Connection, time, why =>
        {
            if (connection.GiveUp(why)) LogQueueLost(connector.HostGuid, connector.Queue, why);
        });
        _watch = watch;
        var lost = _keeper.Give(connection);
        LogConnected(connector.HostGuid, connector.Address);
        node.Connected();
        LogLost(connector.HostGuid, connector.Address, await lost.WaitAsync(cancellationToken));
    }

    /// <returns>Whether the next attempt waits longer.</returns>
    private bool NoteFailure(Exception exception)
    {
        if (!BrokerConnector.IsLocked(exception))
        {
            // A broker that was away has had no time to notice which connections are dead.
            _lockedSince = null;
            LogNotConnected(connector.HostGuid, connector.Address, ReasonOf(exception));
            return true;
        }

        // The holder may be the ghost of this very agent: the broker has not noticed yet that the connection before is dead.
        _lockedSince ??= time.GetTimestamp();
        if (time.GetElapsedTime(_lockedSince.Value) > connector.GhostLife) throw new GuidInUseException(connector.Queue);
        LogLocked(connector.HostGuid, connector.Queue);
        return false;
    }

    private async Task TakeAsync(IChannel channel, ulong tag, object? message, AgentNode node, CancellationToken cancellationToken)
    {
        try
        {
            if (message is not null) await node.ReceiveAsync(message, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotTaken(connector.HostGuid, message!.GetType().Name, e);
        }

        try
        {
            await channel.BasicAckAsync(tag, multiple: false, cancellationToken);
        }
        catch (Exception e) when (
            e is AlreadyClosedException or ObjectDisposedException or OperationCanceledException or OperationInterruptedException)
        {
            // The queue went with the connection.
        }
    }

    private object? ReadOrNull(ReadOnlySpan<byte> body)
    {
        try
        {
            return Envelope.Read(body);
        }
        catch (JsonException e)
        {
            LogUnreadable(connector.HostGuid, e.Message);
            return null;
        }
    }

    private async Task PublishAsync(BrokerConnection connection, object message, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(ConfirmTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            // Not the channel that consumes: the broker closes a channel that publishes into a missing exchange.
            var channel = await connection.ChannelAsync().WaitAsync(either.Token);
            var (exchange, user) = (EndpointNames.Management(message), connector.Address.User);
            await Envelope.PublishAsync(channel, exchange, message, user, time.GetUtcNow(), either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"the broker did not confirm {message.GetType().Name}", e);
        }
    }

    [LoggerMessage(3001, LogLevel.Information, "{HostGuid}: connected with {Broker}")]
    private partial void LogConnected(string hostGuid, BusAddress broker);

    [LoggerMessage(3002, LogLevel.Warning, "{HostGuid}: lost {Broker} ({Reason}); virtual machines go on, connecting again")]
    private partial void LogLost(string hostGuid, BusAddress broker, string reason);

    [LoggerMessage(3003, LogLevel.Warning, "{HostGuid}: cannot connect with {Broker}: {Reason}")]
    private partial void LogNotConnected(string hostGuid, BusAddress broker, string reason);

    [LoggerMessage(3004, LogLevel.Warning, "{HostGuid}: {Queue} is locked by another connection, which may be the one before")]
    private partial void LogLocked(string hostGuid, string queue);

    [LoggerMessage(3005, LogLevel.Warning, "{HostGuid}: {Message} was not taken ({Reason}); sending it again")]
    private partial void LogNotAccepted(string hostGuid, string message, string reason);

    [LoggerMessage(3006, LogLevel.Error, "{HostGuid}: {Message} failed")]
    private partial void LogNotTaken(string hostGuid, string message, Exception exception);

    [LoggerMessage(
        3008, LogLevel.Warning, "{HostGuid}: the broker no longer serves {Queue}, and has not said so: {Reason}; connecting anew")]
    private partial void LogQueueLost(string hostGuid, string queue, string reason);

    [LoggerMessage(3007, LogLevel.Warning, "{HostGuid}: a message is dropped: {Reason}")]
    private partial void LogUnreadable(string hostGuid, string reason);
}
