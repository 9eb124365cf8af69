using System.Text;
using PciBus.Contracts;
using PciBus.Contracts.Startup;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using RabbitMQ.Client;
using Xunit;

namespace PciBus.Tests.Bus;

[Collection(nameof(Bus))]
[OutOfProcess]
[OnlyInAll("half a minute of processes")]
public sealed class DeadLetterTests(BrokerFixture broker)
{
    private static readonly TimeSpan GivenUp = TimeSpan.FromSeconds(30);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task PoisonMessages_BecomeAlerts_AndBlockNothing()
    {
        var options = new DistributedClusterOptions(1, "28:00.1|10GE") { Settings = ["bus.retry.times=1", "bus.retry.pause=0.1"] };
        await using var cluster = await DistributedCluster.StartAsync(await broker.CleanAsync(_token), options, _token);
        await using var connection = await cluster.ConnectAsync(_token);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), _token);
        await PublishAsync(channel, EndpointNames.ManagementAnswers, "no JSON at all");
        await PublishAsync(channel, EndpointNames.ManagementAnswers, EnvelopeOf("PciBus.Contracts.Tomorrow:NewAnswer", "{}"));
        await PublishAsync(
            channel, EndpointNames.ManagementPings, EnvelopeOf($"{typeof(PingRoutingCommand).Namespace}:{nameof(PingRoutingCommand)}", "{\"hostGuid\":\"guid-1\",\"report\":null}"));

        var scene = await TestScene.CreateAsync(cluster.Api, "10GE");
        await scene.DeployAsync("vm");
        await UntilAlertsAsync(cluster, 3);

        var alerts = await AlertsAsync(cluster);
        Assert.All(alerts, alert => Assert.Contains("it failed each time it was delivered", alert, StringComparison.Ordinal));
        Assert.All(alerts, alert => Assert.Contains("replay-dead-letters", alert, StringComparison.Ordinal));
        Assert.Single(alerts, alert => alert.Contains("A message that is no message", StringComparison.Ordinal));
        Assert.Single(alerts, alert => alert.StartsWith("NewAnswer", StringComparison.Ordinal) && alert.Contains("given up in management.answers", StringComparison.Ordinal));
        Assert.Single(alerts, alert => alert.StartsWith("PingRoutingCommand", StringComparison.Ordinal) && alert.Contains("given up in management.pings", StringComparison.Ordinal));
        await KeptAsync();

        await using var replay = new ManagementProcess(cluster.Management.DataFolder, bus: cluster.Bus);
        Assert.Equal(0, await replay.ExecuteAsync(_token, "replay-dead-letters"));
        Assert.Equal("3 messages were put back", replay.Output.Trim());
        await KeptAsync();

        // The broker tells the length of a queue a moment late.
        Task KeptAsync() => cluster.UntilAsync(
            async () => await channel.MessageCountAsync(EndpointNames.DeadLetters, _token) == 3, GivenUp, _token);
    }

    private static string EnvelopeOf(string type, string message) =>
        $$"""{"messageId":"{{Guid.NewGuid()}}","messageType":["urn:message:{{type}}"],"message":{{message}}}""";

    private async Task PublishAsync(IChannel channel, string exchange, string body) => await channel.BasicPublishAsync(
        exchange,
        "",
        mandatory: true,
        new BasicProperties { ContentType = "application/vnd.masstransit+json", MessageId = Guid.NewGuid().ToString() },
        Encoding.UTF8.GetBytes(body),
        _token);

    private Task UntilAlertsAsync(DistributedCluster cluster, int count) =>
        cluster.UntilAsync(async () => (await AlertsAsync(cluster)).Count == count, GivenUp, _token);

    private static Task<IReadOnlyList<string>> AlertsAsync(DistributedCluster cluster) =>
        Task.FromResult(cluster.Judge.Rows("SELECT subject || ': ' || body FROM alert WHERE type = 'DeadLetter'"));
}
