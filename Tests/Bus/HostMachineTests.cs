using Newtonsoft.Json.Linq;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>A host was installed anew while its virtual machine ran on: over a broker, as the operator meets it.</summary>
[Collection(nameof(Bus))]
[OutOfProcess]
[OnlyInAll("half a minute of processes")]
public sealed class HostMachineTests(BrokerFixture broker)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task HostThatWasInstalledAnew_GetsNoSession_IsNotDown_AndGoesOnWithItsGuid()
    {
        var options = new DistributedClusterOptions(2, "28:00.1|10GE") { Settings = ["ping.interval=1", "agent.return.time=1"] };
        await using var cluster = await DistributedCluster.StartAsync(await broker.CleanAsync(_token), options, _token);
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE", offerHa: true);
        var vm = (await scene.DeployAsync("vm"))["virtualmachine"]!;
        var name = (string)vm["hostname"]!;
        var agent = cluster.Agents.Single(one => one.Host == name);
        await agent.KillAsync();
        var file = Path.Combine(agent.Folder, "agent.properties");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, _token)).Replace("guid=guid-", "guid=new-", StringComparison.Ordinal), _token);
        agent.Start();

        await cluster.UntilAsync(
            async () => Alerts(cluster).Count == 1 && (string?)(await HostAsync(cluster, name))["state"] == "Alert", Soon, _token);
        Assert.Contains($"The machine of host {name} announces itself as {name} (new-", Assert.Single(Alerts(cluster)), StringComparison.Ordinal);
        var id = (string)(await HostAsync(cluster, name))["id"]!;
        var refused = await Assert.ThrowsAsync<ApiError>(() => cluster.Api.CallAsync("declareHostDown", ("id", id)));
        Assert.Contains($"{name} is not down: its machine announced itself at ", refused.Text, StringComparison.Ordinal);

        await cluster.Api.CallAsync("updateHost", ("id", id), ("guid", $"new-{name["kvm".Length..]}"));
        await cluster.UntilAsync(async () => (string?)(await HostAsync(cluster, name))["state"] == "Up", Soon, _token);

        var again = (await cluster.Api.CallAsync("listVirtualMachines", ("id", (string)vm["id"]!)))["virtualmachine"]!.Single();
        Assert.Equal(("Running", name), ((string?)again["state"], (string?)again["hostname"]));
        await cluster.Judge.RestsAsync(Soon, _token);
        Assert.Equal(["2"], cluster.Judge.Rows("SELECT '' || count(*) FROM host WHERE removed IS NULL"));
        Assert.Empty(Alerts(cluster));
    }

    private static IReadOnlyList<string> Alerts(DistributedCluster cluster) =>
        cluster.Judge.Rows("SELECT subject FROM alert WHERE type = 'HostMachine' AND resolved IS NULL");

    private static async Task<JToken> HostAsync(DistributedCluster cluster, string name) =>
        (await cluster.Api.CallAsync("listHosts", ("name", name)))["host"]!.Single();
}
