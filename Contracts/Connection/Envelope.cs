using System.Text.Json;
using MassTransit;
using MassTransit.Serialization;
using RabbitMQ.Client;

namespace PciBus.Contracts.Connection;

/// <summary>A message of the contracts as it lies on the broker: in MassTransit's envelope, which names its type by a URN.</summary>
public static class Envelope
{
    /// <summary>What AMQP says of such a body.</summary>
    public const string ContentType = "application/vnd.masstransit+json";

    private static readonly Dictionary<string, Type> Types = typeof(Command).Assembly.GetTypes()
        .Where(type => !type.IsAbstract && (type.IsSubclassOf(typeof(Command)) || type.IsSubclassOf(typeof(Answer))))
        .ToDictionary(UrnOf);

    /// <summary>The name of a message's type, e.g. <c>urn:message:PciBus.Contracts.Startup:PingRoutingCommand</c>.</summary>
    public static string UrnOf(Type type) => MessageUrn.ForTypeString(type);

    /// <summary>
    /// Publishes a message, mandatory: it comes back as an exception when no queue takes it. Returns when the broker has taken it.
    /// </summary>
    /// <param name="channel">With the broker's confirms.</param>
    /// <param name="exchange">Where to.</param>
    /// <param name="message">Written by its runtime type.</param>
    /// <param name="user">
    /// The connection's own user, by which the receiver knows the sender: the broker accepts no other. Null: the message does not say.
    /// </param>
    /// <param name="now">When it is sent.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public static async Task PublishAsync(
        IChannel channel, string exchange, object message, string? user, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid();
        var properties = new BasicProperties { ContentType = ContentType, MessageId = id.ToString(), Persistent = true, UserId = user };
        await channel.BasicPublishAsync(exchange, routingKey: "", mandatory: true, properties, Write(message, id, now), cancellationToken);
    }

    /// <summary>The body for a message.</summary>
    /// <param name="message">Written by its runtime type.</param>
    /// <param name="messageId">Names this publishing of it.</param>
    /// <param name="now">When it is sent.</param>
    public static byte[] Write(object message, Guid messageId, DateTimeOffset now) => JsonSerializer.SerializeToUtf8Bytes(
        new JsonMessageEnvelope
        {
            MessageId = messageId.ToString(),
            MessageType = [UrnOf(message.GetType())],
            SentTime = now.UtcDateTime,
            Message = message,
        },
        SystemTextJsonMessageSerializer.Options);

    /// <summary>The message, of the first type in the envelope that the contracts have.</summary>
    /// <exception cref="JsonException">The body is no envelope, or the type of its message is unknown.</exception>
    public static object Read(ReadOnlySpan<byte> body)
    {
        var envelope = JsonSerializer.Deserialize<JsonMessageEnvelope>(body, SystemTextJsonMessageSerializer.Options);
        if (envelope is not { MessageType: { } urns, Message: JsonElement message }) throw new JsonException("It is no envelope");
        foreach (var urn in urns)
        {
            if (urn is null || !Types.TryGetValue(urn, out var type)) continue;
            return message.Deserialize(type, SystemTextJsonMessageSerializer.Options)!;
        }

        throw new JsonException($"No message of the contracts: {string.Join(", ", urns)}");
    }
}
