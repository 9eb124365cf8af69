using System.Text.Json;
using System.Text.Json.Nodes;
using MassTransit.Serialization;

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
    public static string UrnOf(Type type) => $"urn:message:{type.Namespace}:{type.Name}";

    /// <summary>The body for a message.</summary>
    /// <param name="message">Written by its runtime type.</param>
    /// <param name="messageId">Names this publishing of it.</param>
    public static byte[] Write(object message, Guid messageId, DateTimeOffset now) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["messageId"] = messageId,
        ["messageType"] = new JsonArray(UrnOf(message.GetType())),
        ["sentTime"] = now,
        ["message"] = JsonSerializer.SerializeToNode(message, message.GetType(), SystemTextJsonMessageSerializer.Options),
    });

    /// <summary>The message, of the first type in the envelope that the contracts have.</summary>
    /// <exception cref="JsonException">The body is no envelope, or the type of its message is unknown.</exception>
    public static object Read(ReadOnlySpan<byte> body)
    {
        var envelope = JsonSerializer.Deserialize<JsonObject>(body);
        if (envelope?["messageType"] is not JsonArray urns || envelope["message"] is not { } message)
        {
            throw new JsonException("It is no envelope");
        }
        foreach (var urn in urns)
        {
            if (urn?.ToString() is { } name && Types.TryGetValue(name, out var type))
            {
                return message.Deserialize(type, SystemTextJsonMessageSerializer.Options)!;
            }
        }

        throw new JsonException($"No message of the contracts: {urns.ToJsonString()}");
    }
}
