using System.Text;
using PciBus.Contracts;
using PciBus.Contracts.Connection;
using RabbitMQ.Client;

namespace PciBus.Management.Bus;

/// <summary>What management gave up, in the hands of the operator.</summary>
internal static class DeadLetters
{
    public const string QueueHeader = "x-first-death-queue";
    public const string ReasonHeader = "x-first-death-reason";

    /// <summary>Who published a message that is put back: the broker lets nobody say that he is somebody else.</summary>
    private const string UserHeader = "pcibus-user";

    /// <summary>Where letters come from. A header is no proof: whoever published the message may have written it.</summary>
    private static readonly string[] Origins =
        [EndpointNames.ManagementStartup, EndpointNames.ManagementPings, EndpointNames.ManagementAnswers];

    /// <summary>Who published a message; null when it does not say.</summary>
    /// <param name="management">Management's own user, which says of whom a message is that it puts back.</param>
    public static string? UserOf(IReadOnlyBasicProperties properties, string management) =>
        properties.UserId == management && TextOf(properties, UserHeader) is { } user ? user : properties.UserId;

    /// <summary>Puts what lies there at this moment back into the queues it came from, and takes it away once it is in them.</summary>
    /// <returns>How many there were, and how many were left because they do not say where they came from.</returns>
    public static async Task<(int Replayed, int Left)> ReplayAsync(BusAddress address, CancellationToken cancellationToken)
    {
        var factory = BrokerFactory.For(address, TimeSpan.FromSeconds(10), "pcibus replay-dead-letters");
        await using var connection = await factory.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
        var (replayed, left) = (0, 0);
        for (var waiting = await channel.MessageCountAsync(EndpointNames.DeadLetters, cancellationToken); waiting > 0; waiting--)
        {
            if (await channel.BasicGetAsync(EndpointNames.DeadLetters, autoAck: false, cancellationToken) is not { } letter) break;
            var origin = TextOf(letter.BasicProperties, QueueHeader);
            if (!Origins.Contains(origin))
            {
                // Not acknowledged, it goes back when the channel ends.
                left++;
                continue;
            }

            await channel.BasicPublishAsync(
                origin!, "", mandatory: true, Again(letter.BasicProperties, address.User), letter.Body, cancellationToken);
            await channel.BasicAckAsync(letter.DeliveryTag, multiple: false, cancellationToken);
            replayed++;
        }

        return (replayed, left);
    }

    private static BasicProperties Again(IReadOnlyBasicProperties of, string management)
    {
        var user = UserOf(of, management);
        var again = new BasicProperties(of) { UserId = management };
        // Given up again it must say so anew.
        again.Headers = of.Headers!
            .Where(header => header.Key != UserHeader && !header.Key.StartsWith("x-", StringComparison.Ordinal))
            .ToDictionary(header => header.Key, header => header.Value);
        if (user is not null) again.Headers[UserHeader] = user;
        return again;
    }

    private static string? TextOf(IReadOnlyBasicProperties properties, string header) =>
        properties.Headers?.TryGetValue(header, out var value) == true && value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;
}
