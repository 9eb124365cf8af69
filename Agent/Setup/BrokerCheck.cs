using PciBus.Agent.Broker;
using PciBus.Contracts;
using PciBus.Contracts.Connection;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace PciBus.Agent.Setup;

/// <summary>Tries on the broker what a running agent needs there, and leaves nothing behind.</summary>
internal static class BrokerCheck
{
    private static readonly string[] ManagementQueues =
        [EndpointNames.ManagementStartup, EndpointNames.ManagementPings, EndpointNames.ManagementAnswers];

    /// <returns>One sentence for each thing that is wrong.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(BrokerConnector connector, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await connector.ConnectAsync(cancellationToken);
            var problems = new List<string?> { await QueueProblemAsync(connector, connection, cancellationToken) };
            foreach (var queue in ManagementQueues)
            {
                problems.Add(await PublishProblemAsync(connector, connection, queue, cancellationToken));
            }
            return [.. problems.OfType<string>()];
        }
        catch (BrokerUnreachableException e)
        {
            return [$"the broker {connector.Address} cannot be used: {e.InnerException?.Message ?? e.Message}"];
        }
    }

    private static async Task<string?> QueueProblemAsync(
        BrokerConnector connector, IConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await using var channel = await connector.TakeQueueAsync(connection, cancellationToken);
            await channel.QueueDeleteAsync(connector.Queue, ifUnused: false, ifEmpty: false, cancellationToken: cancellationToken);
            return null;
        }
        catch (OperationInterruptedException e) when (BrokerConnector.IsLocked(e))
        {
            return $"{connector.Queue} is in use: an agent with this guid is connected, here or on another host";
        }
        catch (OperationInterruptedException e)
        {
            return $"{connector.Address.User} needs the rights to configure, write and read {connector.Queue}: "
                + $"{e.ShutdownReason?.ReplyText}";
        }
    }

    /// <summary>
    /// Publishes under a false name: the broker looks at the right to write first, and then refuses, so that nothing arrives.
    /// </summary>
    private static async Task<string?> PublishProblemAsync(
        BrokerConnector connector, IConnection connection, string exchange, CancellationToken cancellationToken)
    {
        try
        {
            await using var channel = await connection.CreateChannelAsync(BrokerFactory.Confirmed, cancellationToken);
            var nobody = new BasicProperties { UserId = $"not {connector.Address.User}" };
            await channel.BasicPublishAsync(exchange, "", mandatory: true, nobody, ReadOnlyMemory<byte>.Empty, cancellationToken);
            return null;
        }
        catch (Exception e) when (BrokerConnector.IsRefused(e))
        {
            return $"{connector.Address.User} needs the right to write to {exchange}";
        }
        catch (Exception e) when (BrokerConnector.IsUnroutable(e))
        {
            return $"the broker has no {exchange}: management has not been connected with it yet, or uses another virtual host";
        }
        catch (OperationInterruptedException)
        {
            return null;
        }
    }
}
