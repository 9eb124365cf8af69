using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Bus;

[Collection(nameof(Bus))]
[OutOfProcess]
public sealed class UnroutableTests(BrokerFixture broker)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task CommandToAnAbsentAgent_ComesBack_AndItsDevicesAreFreeAtOnce()
    {
        await using var cluster = await StartAsync(hosts: 1);
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE");
        await cluster.KillAgentAsync(cluster.Agents[0], "guid-1", _token);

        var started = TimeProvider.System.GetTimestamp();
        var refused = await Assert.ThrowsAsync<ApiError>(() => scene.DeployAsync("vm"));

        Console.WriteLine($"unroutable: refused after {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.00} s");
        // At the deadline of the command the reason would be another.
        Assert.Contains("kvm1 is not connected", refused.Text, StringComparison.Ordinal);
        Assert.Equal(["0"], cluster.Judge.Rows("SELECT '' || count(*) FROM op_host_pci_devices WHERE instance_id IS NOT NULL"));
        await cluster.ManagementSaysAsync("StartCommand came back: agent.guid-1 is not there", Soon, _token);
    }

    [OnlyInAll("a quarter of a minute of processes")]
    [Fact]
    public async Task AnotherHostIsTried_WhenTheFirstIsAbsent()
    {
        await using var cluster = await StartAsync(hosts: 2);
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE");
        await cluster.KillAgentAsync(cluster.Agents[0], "guid-1", _token);

        var vm = (await scene.DeployAsync("vm"))["virtualmachine"]!;

        Assert.Equal(("Running", "kvm2"), ((string)vm["state"]!, (string)vm["hostname"]!));
        await cluster.Judge.RestsAsync(Soon, _token);
    }

    /// <summary>Management has been there for long enough to know who is away.</summary>
    private async Task<DistributedCluster> StartAsync(int hosts) => await DistributedCluster.StartAsync(
        await broker.CleanAsync(_token), new DistributedClusterOptions(hosts, "28:00.1|10GE") { Settings = ["agent.return.time=1"] }, _token);
}
