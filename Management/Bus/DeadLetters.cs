using System.Text;
using PciBus.Contracts;
using PciBus.Contracts.Connection;
using RabbitMQ.Client;

namespace PciBus.Management.Bus;

/// <summary>Lets the operator replay the messages that management gave up.</summary>
internal static class DeadLetters
{
    public const string QueueHeader = "x-first-death-queue";
    public const string ReasonHeader = "x-first-death-reason";

    /// <summary>Header with the publisher of a message that is put back: the broker lets no user pass for another.</summary>
    private const string UserHeader = "pcibus-user";

    /// <summary>The queues that letters may come from. The header proves nothing: the publisher may have written it.</summary>
    private static readonly string[] Origins =
        [EndpointNames.ManagementStartup, EndpointNames.ManagementPings, EndpointNames.ManagementAnswers];

    /// <summary>The user who published a message; null when the message does not say.</summary>
    /// <param name="management">Management's own user. A message that management puts back has its publisher in a header.</param>
    public static string? UserOf(IReadOnlyBasicProperties properties, string management) =>
        properties.UserId == management && TextOf(properties, UserHeader) is { } user ? user : properties.UserId;

    /// <summary>Puts the letters that are there at this moment back into their queues, and removes each once it is there.</summary>
    /// <returns>How many letters were put back, and how many were left because they do not say where they came from.</returns>
    public static async Task<(int Replayed, int Left)> ReplayAsync(BusAddress address, CancellationToken cancellationToken)
    {
        var factory = BrokerFactory.For(address, TimeSpan.FromSeconds(10), "pcibus replay-dead-letters");
        await using var connection = await factory.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(BrokerFactory.Confirmed, cancellationToken);
        var (replayed, left) = (0, 0);
        for (var waiting = await channel.MessageCountAsync(EndpointNames.DeadLetters, cancellationToken); waiting > 0; waiting--)
        {
            if (await channel.BasicGetAsync(EndpointNames.DeadLetters, autoAck: false, cancellationToken) is not { } letter) break;
            var origin = TextOf(letter.BasicProperties, QueueHeader);
            if (!Origins.Contains(origin))
            {
                // Not acknowledged, the letter goes back when the channel ends.
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
        // If management gives the message up again, these headers are written anew.
        again.Headers = of.Headers!
            .Where(header => header.Key != UserHeader && !header.Key.StartsWith("x-", StringComparison.Ordinal))
            .ToDictionary(header => header.Key, header => header.Value);
        if (user is not null) again.Headers[UserHeader] = user;
        return again;
    }

    private static string? TextOf(IReadOnlyBasicProperties properties, string header) =>
        properties.Headers?.TryGetValue(header, out var value) == true && value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;
}
