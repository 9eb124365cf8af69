using PciBus.Contracts;
using PciBus.Tests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace PciBus.Tests.Bus;

[Collection(nameof(Bus))]
[OutOfProcess]
[OnlyInAll("a quarter of a minute of processes")]
public sealed class TopologyTests(BrokerFixture broker)
{
    private const int PreconditionFailed = 406;
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Queues_AreDeclaredAsDocumented()
    {
        await using var cluster = await DistributedCluster.StartAsync(broker, 1, "28:00.1|10GE", _token);
        await using var connection = await cluster.ConnectAsync(_token);
        var consumed = new Dictionary<string, object?>
        {
            ["x-queue-type"] = "quorum",
            ["x-delivery-limit"] = 5,
            ["x-dead-letter-exchange"] = EndpointNames.DeadLetters,
        };
        var kept = new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-max-length"] = 10_000 };

        await AssertQueueAsync(connection, EndpointNames.ManagementStartup, consumed);
        await AssertQueueAsync(connection, EndpointNames.ManagementPings, consumed);
        await AssertQueueAsync(connection, EndpointNames.ManagementAnswers, consumed);
        await AssertQueueAsync(connection, EndpointNames.DeadLetters, kept);
        await AssertQueueAsync(connection, EndpointNames.ManagementDeadLetters, new(kept) { ["x-delivery-limit"] = 5 });
        await AssertQueueAsync(connection, EndpointNames.Refused, new(kept) { ["x-max-length"] = 1000 });
        await using var channel = await connection.CreateChannelAsync(cancellationToken: _token);
        await channel.ExchangeDeclareAsync(EndpointNames.Agent("guid-1"), ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: _token);
        Assert.Equal(405, await CodeOfAsync(() => channel.QueueDeclarePassiveAsync(EndpointNames.Agent("guid-1"), _token)));
    }

    [Fact]
    public async Task ExchangeOfAnAgent_IsManagements_AndOutlivesTheAgent()
    {
        await using var cluster = await DistributedCluster.StartAsync(broker, 1, "28:00.1|10GE", _token);
        await cluster.Agents[0].TerminateAsync(_token);
        await cluster.QueueGoesAsync("guid-1", _token);
        await using var connection = await cluster.ConnectAsync(_token);

        await using var channel = await connection.CreateChannelAsync(cancellationToken: _token);
        await channel.ExchangeDeclarePassiveAsync(EndpointNames.Agent("guid-1"), _token);
    }

    /// <summary>Declared once more a queue must be told the same; anything else the broker refuses.</summary>
    private async Task AssertQueueAsync(IConnection connection, string queue, Dictionary<string, object?> arguments)
    {
        await using var same = await connection.CreateChannelAsync(cancellationToken: _token);
        await same.QueueDeclarePassiveAsync(queue, _token);
        await same.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: _token);
        foreach (var (name, _) in arguments)
        {
            var others = arguments.Where(one => one.Key != name).ToDictionary();
            await using var other = await connection.CreateChannelAsync(cancellationToken: _token);
            Assert.Equal(PreconditionFailed, await CodeOfAsync(() => other.QueueDeclareAsync(
                queue, durable: true, exclusive: false, autoDelete: false, others, cancellationToken: _token)));
        }
    }

    private static async Task<int> CodeOfAsync(Func<Task> refused) =>
        (await Assert.ThrowsAsync<OperationInterruptedException>(refused)).ShutdownReason!.ReplyCode;
}
