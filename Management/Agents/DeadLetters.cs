using System.Text;
using PciBus.Agent.Broker;
using PciBus.Contracts;
using RabbitMQ.Client;

namespace PciBus.Management.Agents;

/// <summary>What management gave up, in the hands of the operator.</summary>
internal static class DeadLetters
{
    public const string QueueHeader = "x-first-death-queue";
    public const string ReasonHeader = "x-first-death-reason";

    /// <summary>Who published a message that is put back: the broker lets nobody say that he is somebody else.</summary>
    private const string UserHeader = "pcibus-user";

    /// <summary>Who published a message; null when it does not say.</summary>
    /// <param name="management">Management's own user, which says of whom a message is that it puts back.</param>
    public static string? UserOf(IReadOnlyBasicProperties properties, string management) =>
        properties.UserId == management && properties.Headers?.TryGetValue(UserHeader, out var user) == true && user is byte[] bytes
            ? Encoding.UTF8.GetString(bytes)
            : properties.UserId;

    /// <summary>Puts what lies there at this moment back into the queues it came from, and takes it away once it is in them.</summary>
    /// <returns>How many there were.</returns>
    public static async Task<int> ReplayAsync(BusAddress address, CancellationToken cancellationToken)
    {
        var factory = BrokerFactory.For(address, TimeSpan.FromSeconds(10), "pcibus replay-dead-letters");
        await using var connection = await factory.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
        var left = await channel.MessageCountAsync(EndpointNames.DeadLetters, cancellationToken);
        var replayed = 0;
        for (; left > 0; left--)
        {
            if (await channel.BasicGetAsync(EndpointNames.DeadLetters, autoAck: false, cancellationToken) is not { } letter) break;
            var properties = new BasicProperties(letter.BasicProperties);
            var queue = Encoding.UTF8.GetString((byte[])properties.Headers![QueueHeader]!);
            var user = UserOf(properties, address.User);
            // Given up again it must say so anew.
            foreach (var name in properties.Headers.Keys.Where(name => name.StartsWith("x-", StringComparison.Ordinal)).ToList())
            {
                properties.Headers.Remove(name);
            }

            properties.UserId = address.User;
            properties.Headers.Remove(UserHeader);
            if (user is not null) properties.Headers[UserHeader] = user;
            await channel.BasicPublishAsync(queue, "", mandatory: true, properties, letter.Body, cancellationToken);
            await channel.BasicAckAsync(letter.DeliveryTag, multiple: false, cancellationToken);
            replayed++;
        }

        return replayed;
    }
}
