using Newtonsoft.Json.Linq;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Bus;

[Collection(nameof(Bus))]
[OutOfProcess]
[OnlyInAll("half a minute of processes")]
public sealed class HostDownTests(BrokerFixture broker)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task HostThatIsPulled_IsNoticed_Declared_Left_AndSettledWhenItComesBack()
    {
        await using var cluster = await StartAsync();
        var (api, first) = (cluster.Api, cluster.Agents[0]);
        await api.CallAsync("updateHost", ("id", (await HostAsync("kvm2"))["id"]!), ("allocationstate", "Disable"));
        var scene = await TestScene.CreateAsync(api, "10GE", offerHa: true);
        var vm = (await scene.DeployAsync("vm"))["virtualmachine"]!;
        Assert.Equal("kvm1", (string?)vm["hostname"]);
        await api.CallAsync("updateHost", ("id", (await HostAsync("kvm2"))["id"]!), ("allocationstate", "Enable"));
        var early = await Assert.ThrowsAsync<ApiError>(() => api.CallAsync("declareHostDown", ("id", (string)vm["hostid"]!)));
        Assert.Contains("kvm1 is Up; only a host in Alert or Disconnected can be declared down", early.Text, StringComparison.Ordinal);

        await first.KillAsync();
        await cluster.UntilAsync(async () => (string)(await HostAsync("kvm1"))["state"]! == "Alert", Soon, _token);
        Assert.Equal(("Running", "kvm1"), await VmAsync());
        Assert.Equal(["kvm1"], HoldersOf());

        var declared = await api.CallAsync("declareHostDown", ("id", (string)vm["hostid"]!));
        Assert.Equal("Down", (string?)declared["host"]!["state"]);
        await cluster.UntilAsync(async () => await VmAsync() == ("Running", "kvm2"), Soon, _token);
        Assert.Equal(["kvm1", "kvm2"], HoldersOf());

        // The operator was wrong, which is all that the judge finds: the host comes back, and the domain runs there yet.
        first.Start();
        await cluster.UntilAsync(async () => (string)(await HostAsync("kvm1"))["state"]! == "Up", Soon, _token);
        await cluster.Judge.RestsAsync(Soon, _token, " ran on kvm1 a");
        await cluster.UntilAsync(() => HoldersOf() is ["kvm2"], Soon, _token);
        Assert.Equal(("Running", "kvm2"), await VmAsync());
        await cluster.UntilAsync(
            () => cluster.Judge.Rows("SELECT subject FROM alert WHERE resolved IS NOT NULL").Contains("kvm1 was declared down"),
            Soon,
            _token);

        async Task<JToken> HostAsync(string name) => (await api.CallAsync("listHosts", ("name", name)))["host"]![0]!;

        async Task<(string?, string?)> VmAsync()
        {
            var row = (await api.CallAsync("listVirtualMachines", ("id", (string)vm["id"]!)))["virtualmachine"]![0]!;
            return ((string?)row["state"], (string?)row["hostname"]);
        }

        IReadOnlyList<string> HoldersOf() => cluster.Judge.Rows(
            "SELECT h.name FROM op_host_pci_devices d JOIN host h ON h.id = d.host_id WHERE d.instance_id IS NOT NULL ORDER BY h.name");
    }

    private async Task<DistributedCluster> StartAsync() => await DistributedCluster.StartAsync(
        await broker.CleanAsync(_token),
        new DistributedClusterOptions(2, "28:00.1|10GE") { Settings = ["ping.interval=1", "agent.return.time=1"] },
        _token);
}
