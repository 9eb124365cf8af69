using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>A broker of three nodes is parted while deployments are under way: management on one side, a host on the other.</summary>
[Collection(nameof(Bus))]
[OutOfProcess]
[OnlyInAll("two minutes of processes")]
public sealed class PartitionTests
{
    private const int Machines = 12;
    private const string Devices = "28:00.0|10GE,28:00.1|10GE,28:00.2|10GE,28:00.3|10GE,28:00.4|10GE,28:00.5|10GE,28:00.6|10GE,28:00.7|10GE";

    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Carried = TimeSpan.FromSeconds(60);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryDeployment_EndsRunning_WhenAHostIsOnTheOtherSide()
    {
        await using var broker = await BrokerCluster.StartAsync(_token);
        await using var cluster = await StartAsync(broker);
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE");
        for (var vm = 1; vm <= Machines; vm++)
        {
            await scene.RequestAsync($"vm{vm}");
            if (vm == Machines / 2) broker.Part(broker.Nodes[2]);
        }

        await cluster.UntilAsync(() => cluster.Agents[1].Output.Contains("could not reach management", StringComparison.Ordinal), Noticed, _token);
        broker.Heal();

        await AllRunAsync(cluster);
    }

    /// <summary>The queue of the host that was parted is made anew, and commands reach it.</summary>
    [Fact]
    public async Task QueueOfAHostThatWasParted_IsServedAgain()
    {
        await using var broker = await BrokerCluster.StartAsync(_token);
        await using var cluster = await StartAsync(broker);
        broker.Part(broker.Nodes[2]);
        await cluster.UntilAsync(() => cluster.Agents[1].Output.Contains("could not reach management", StringComparison.Ordinal), Noticed, _token);
        broker.Heal();

        // Its own node is asked for its own queues: the others could not reach the tool.
        await cluster.UntilAsync(
            async () => await broker.Nodes[2].CountAsync("agent.guid-2", "list_queues", "--local", "name") == 1, Carried, _token, "the host has a queue again");
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE");
        for (var vm = 1; vm <= Machines; vm++) await scene.RequestAsync($"vm{vm}");
        await AllRunAsync(cluster);
    }

    private Task<DistributedCluster> StartAsync(BrokerCluster broker) => DistributedCluster.StartAsync(
        broker.Nodes[0].Address,
        new DistributedClusterOptions(2, Devices) { BusesOfAgents = [broker.Nodes[1].Address, broker.Nodes[2].Address] },
        _token);

    private async Task AllRunAsync(DistributedCluster cluster)
    {
        await cluster.UntilAsync(
            async () => (await cluster.Api.CallAsync("listVirtualMachines", ("state", "Running")))["count"]?.ToString() == $"{Machines}",
            Carried,
            _token);
        await cluster.Judge.RestsAsync(Carried, _token);
        Assert.Equal([$"{Machines}"], cluster.Judge.Rows("SELECT '' || count(DISTINCT instance_id) FROM op_host_pci_devices WHERE instance_id IS NOT NULL"));
        Assert.Equal([$"{Machines}"], cluster.Judge.Rows("SELECT '' || count(*) FROM op_host_pci_devices WHERE instance_id IS NOT NULL"));
    }
}
