using PciBus.Agent.Broker;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>A broker loses an agent's queue and does not say so, as RabbitMQ 4.0 and 4.1 may after a partition: pings go on, no command comes.</summary>
[Collection(nameof(Bus))]
[OutOfProcess]
public sealed class LostQueueTests(BrokerFixture broker)
{
    /// <summary>
    /// Takes the queue out of the broker's tables; RabbitMQ 3 wants its name for that, RabbitMQ 4 its record. Its process and its consumer
    /// hear nothing of it.
    /// </summary>
    private const string Lose =
        "N = rabbit_misc:r(<<\"/\">>, queue, <<\"agent.guid-1\">>), {ok, Q} = rabbit_amqqueue:lookup(N), D = fun rabbit_amqqueue:internal_delete/2, "
        + "case catch D(N, <<\"test\">>) of {'EXIT', _} -> D(Q, <<\"test\">>); Done -> Done end, "
        + "rabbit_amqqueue:lookup(N).";

    private static readonly TimeSpan Pings = TimeSpan.FromSeconds(QueueWatch.EveryPings + 2);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [OnlyInAll("half a minute of processes")]
    [Fact]
    public async Task QueueThatVanishes_IsBackAfterAFewPings_AndACommandReachesIt()
    {
        var bus = await broker.CleanAsync(_token);
        Assert.SkipWhen(broker.Node is null, "this broker is not the test's own");
        await using var cluster = await DistributedCluster.StartAsync(
            bus, new DistributedClusterOptions(1, "28:00.1|10GE") { Settings = ["ping.interval=1"] }, _token);
        var agent = cluster.Agents[0];
        var sessions = Sessions();
        Assert.Equal("{error,not_found}", (await broker.Node!.ControlAsync("eval", Lose)).Trim());

        await cluster.UntilAsync(() => Sessions() > sessions, Pings, _token);

        Assert.Contains("the broker no longer serves agent.guid-1, and has not said so: NOT_FOUND", agent.Output, StringComparison.Ordinal);
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE");
        await scene.DeployAsync("vm");

        int Sessions() => agent.Output.Split(": registered, session ").Length - 1;
    }
}
