using System.Collections.Concurrent;
using PciBus.Contracts;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Xunit;

namespace PciBus.Tests.Bus;

[Collection(nameof(Bus))]
public sealed class RepeatedMessageTests(BrokerFixture broker)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private static readonly string[] Recorded =
        [EndpointNames.ManagementStartup, EndpointNames.ManagementPings, EndpointNames.ManagementAnswers, EndpointNames.Agent("guid-1")];

    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryMessageOfALife_ReplayedTwice_ChangesNothing()
    {
        await using var cluster = await DistributedCluster.StartAsync(broker, 1, "28:00.1|10GE,28:00.2|10GE", _token);
        await using var connection = await cluster.ConnectAsync(_token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: _token);
        var recorded = await RecordAsync(channel);
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE");
        var kept = (await scene.DeployAsync("kept"))["virtualmachine"]!;
        var gone = (await scene.DeployAsync("gone"))["virtualmachine"]!;
        await cluster.Api.RunAsync("rebootVirtualMachine", ("id", (string)kept["id"]!));
        await cluster.Api.RunAsync("stopVirtualMachine", ("id", (string)gone["id"]!));
        var before = State(cluster);
        var history = History(cluster);

        foreach (var message in recorded.ToList())
        {
            for (var copy = 0; copy < 2; copy++)
            {
                await channel.BasicPublishAsync(message.Exchange, "", mandatory: false, message.Properties, message.Body, _token);
            }
        }

        // Whatever is in the queues now comes before the answers to what is asked now.
        var after = (await scene.DeployAsync("after"))["virtualmachine"]!;
        await cluster.Api.RunAsync("destroyVirtualMachine", ("id", (string)after["id"]!));
        await cluster.UntilAsync(async () => await IsDrainedAsync(channel) && cluster.Judge.WrongsAtRest().Count == 0, Soon, _token);
        Assert.Equal(before, State(cluster));
        Assert.Equal(history, History(cluster));
        Assert.Equal([], cluster.Judge.Rows("SELECT subject FROM alert WHERE type = 'DeadLetter'"));
    }

    private static IReadOnlyList<string> State(DistributedCluster cluster) => cluster.Judge.Rows("""
        SELECT v.name || ' ' || v.state || ' ' || coalesce(d.domain || ':' || d.bus || ':' || d.slot || ':' || d.function, 'no device')
        FROM vm_instance v LEFT JOIN op_host_pci_devices d ON d.instance_id = v.id WHERE v.name <> 'after' ORDER BY v.name
        """);

    private static IReadOnlyList<string> History(DistributedCluster cluster) => cluster.Judge.Rows("""
        SELECT h.what || ' ' || v.name FROM pci_device_history h JOIN vm_instance v ON v.id = h.vm_id WHERE v.name <> 'after' ORDER BY h.id
        """);

    private async Task<bool> IsDrainedAsync(IChannel channel)
    {
        uint left = 0;
        foreach (var queue in Recorded.Take(3)) left += await channel.MessageCountAsync(queue, _token);
        return left == 0;
    }

    /// <summary>A queue beside those of management and the agent: it gets a copy of everything.</summary>
    private async Task<ConcurrentQueue<(string Exchange, BasicProperties Properties, byte[] Body)>> RecordAsync(IChannel channel)
    {
        var recorded = new ConcurrentQueue<(string, BasicProperties, byte[])>();
        var queue = (await channel.QueueDeclareAsync(cancellationToken: _token)).QueueName;
        foreach (var exchange in Recorded) await channel.QueueBindAsync(queue, exchange, "", cancellationToken: _token);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            recorded.Enqueue((delivery.Exchange, new BasicProperties(delivery.BasicProperties), delivery.Body.ToArray()));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer, _token);
        return recorded;
    }
}
