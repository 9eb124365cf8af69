using System.Collections.Concurrent;
using System.Text;
using PciBus.Tests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace PciBus.Tests.Bus;

/// <summary>A queue beside those of management and the agents, which gets a copy of everything; and the hand that sends it again.</summary>
internal sealed class MessageRecorder(IConnection connection, IChannel channel) : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private readonly ConcurrentQueue<RecordedMessage> _recorded = new();

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<RecordedMessage> All => [.. _recorded];

    /// <param name="exchanges">Whose messages it records.</param>
    public static async Task<MessageRecorder> StartAsync(DistributedCluster cluster, CancellationToken cancellationToken, params string[] exchanges)
    {
        var connection = await cluster.ConnectAsync(cancellationToken);
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var recorder = new MessageRecorder(connection, channel);
        var queue = (await channel.QueueDeclareAsync(cancellationToken: cancellationToken)).QueueName;
        foreach (var exchange in exchanges) await channel.QueueBindAsync(queue, exchange, "", cancellationToken: cancellationToken);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            var body = delivery.Body.ToArray();
            recorder._recorded.Enqueue(new RecordedMessage(
                delivery.Exchange, new BasicProperties(delivery.BasicProperties), body, Encoding.UTF8.GetString(body)));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer, cancellationToken);
        return recorder;
    }

    /// <summary>The messages of a type.</summary>
    public IReadOnlyList<RecordedMessage> Of<TMessage>() =>
        [.. _recorded.Where(message => message.Text.Contains($":{typeof(TMessage).Name}\"", StringComparison.Ordinal))];

    /// <summary>The first message of a type; waits for it, as a copy can come later than what the message brought about.</summary>
    public async Task<RecordedMessage> FirstAsync<TMessage>(CancellationToken cancellationToken)
    {
        await Patience.UntilAsync(
            () => Of<TMessage>().Count > 0,
            Soon,
            () => $"{_recorded.Count} other messages",
            cancellationToken,
            $"a {typeof(TMessage).Name} is recorded");
        return Of<TMessage>()[0];
    }

    public Task SendAgainAsync(RecordedMessage message, CancellationToken cancellationToken) => channel.BasicPublishAsync(
        message.Exchange, "", mandatory: false, message.Properties, message.Body, cancellationToken).AsTask();

    /// <summary>How many messages wait in a queue.</summary>
    public async Task<uint> WaitingAsync(string queue, CancellationToken cancellationToken) => await channel.MessageCountAsync(queue, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await channel.DisposeAsync();
        await connection.DisposeAsync();
    }
}
