using PciBus.Contracts;
using PciBus.Contracts.Connection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PciBus.Agent.Broker;

/// <summary>Connects with the broker as this host's agent, and takes the queue that only this agent consumes.</summary>
internal sealed class BrokerConnector(BusAddress address, string hostGuid, TimeSpan heartbeat)
{
    private const int AccessRefused = 403;
    private const int ResourceLocked = 405;

    /// <summary>How many messages of management may be on their way into lanes at once.</summary>
    private const ushort Prefetch = 200;

    private readonly ConnectionFactory _factory = BrokerFactory.For(address, heartbeat, $"pcibus agent {hostGuid}");

    public BusAddress Address => address;

    public string HostGuid => hostGuid;

    public string Queue { get; } = EndpointNames.Agent(hostGuid);

    /// <summary>After this long the broker has noticed that an earlier connection of this agent is dead.</summary>
    public TimeSpan GhostLife { get; } = 3 * heartbeat;

    public Task<IConnection> ConnectAsync(CancellationToken cancellationToken) => _factory.CreateConnectionAsync(cancellationToken);

    /// <summary>
    /// Declares the queue, which lives as long as the connection, and binds it to its exchange. The exchange is management's and stays. The
    /// agent declares it too, as nothing could be bound before the first announcement.
    /// </summary>
    /// <exception cref="OperationInterruptedException">The broker refuses; <see cref="IsLocked"/> tells why.</exception>
    public async Task<IChannel> TakeQueueAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.ExchangeDeclareAsync(
            Queue, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(Queue, durable: false, exclusive: true, autoDelete: true, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(Queue, Queue, "", cancellationToken: cancellationToken);
        await channel.BasicQosAsync(0, Prefetch, global: false, cancellationToken);
        return channel;
    }

    public static bool IsLocked(Exception exception) => CodeOf(exception) == ResourceLocked;

    public static bool IsRefused(Exception exception) => CodeOf(exception) == AccessRefused;

    /// <summary>Whether nobody takes what was published: the exchange is not there, or no queue is bound to it.</summary>
    public static bool IsUnroutable(Exception exception) => exception is PublishException { IsReturn: true } || CodeOf(exception) == 404;

    private static int CodeOf(Exception exception) =>
        exception is OperationInterruptedException { ShutdownReason: { } reason } ? reason.ReplyCode : 0;
}

/// <summary>Another connection holds this agent's queue, and went on holding it for longer than a dead connection could.</summary>
internal sealed class GuidInUseException(string queue) : Exception(
    $"The broker refuses {queue}: another connection holds it. Another agent runs with the same guid: give each host a guid of its own, or "
    + "stop the other agent");
