using PciBus.Contracts;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Bus;

[Collection(nameof(Bus))]
[OutOfProcess]
[OnlyInAll("half a minute of processes")]
public sealed class RepeatedMessageTests(BrokerFixture broker)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private static readonly string[] Recorded =
        [EndpointNames.ManagementStartup, EndpointNames.ManagementPings, EndpointNames.ManagementAnswers, EndpointNames.Agent("guid-1")];

    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryMessageOfALife_ReplayedTwice_ChangesNothing()
    {
        await using var cluster = await DistributedCluster.StartAsync(broker, 1, "28:00.1|10GE,28:00.2|10GE", _token);
        await using var recorder = await MessageRecorder.StartAsync(cluster, _token, Recorded);
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE");
        var kept = (await scene.DeployAsync("kept"))["virtualmachine"]!;
        var gone = (await scene.DeployAsync("gone"))["virtualmachine"]!;
        await cluster.Api.RunAsync("rebootVirtualMachine", ("id", (string)kept["id"]!));
        await cluster.Api.RunAsync("stopVirtualMachine", ("id", (string)gone["id"]!));
        var before = State(cluster);
        var history = History(cluster);

        foreach (var message in recorder.All)
        {
            for (var copy = 0; copy < 2; copy++) await recorder.SendAgainAsync(message, _token);
        }

        // Whatever is in the queues now comes before the answers to what is asked now.
        var after = (await scene.DeployAsync("after"))["virtualmachine"]!;
        await cluster.Api.RunAsync("destroyVirtualMachine", ("id", (string)after["id"]!));
        await cluster.UntilAsync(async () => await IsDrainedAsync(recorder) && cluster.Judge.WrongsAtRest().Count == 0, Soon, _token);
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

    private async Task<bool> IsDrainedAsync(MessageRecorder recorder)
    {
        uint left = 0;
        foreach (var queue in Recorded.Take(3)) left += await recorder.WaitingAsync(queue, _token);
        return left == 0;
    }
}
