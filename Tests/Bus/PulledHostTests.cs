using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>A host is pulled, its user on the broker with it; the operator, or a fencing command, says that it is off.</summary>
[Collection(nameof(Bus))]
[OutOfProcess]
public sealed class PulledHostTests
{
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [OnlyInAll("half a minute of processes")]
    [Fact]
    public async Task NothingOfADeadHost_IsFreed_BeforeItSpeaks_WhateverTheUserDoes()
    {
        await using var cluster = await JoinedCluster.StartAsync(_token, "ping.interval=1", "agent.return.time=1");
        var first = await cluster.AddHostAsync("kvm1", "guid-1", _token);
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE", offerHa: true);
        var vm = (await scene.DeployAsync("vm"))["virtualmachine"]!;
        await cluster.AddHostAsync("kvm2", "guid-2", _token);

        await first.KillAsync();
        await cluster.Broker.ControlAsync("delete_user", "agent.guid-1");
        await cluster.UntilAsync("kvm1", "Alert", _token);
        Assert.Equal(["kvm1"], Holders(cluster));
        await cluster.Api.CallAsync("declareHostDown", ("id", (string)vm["hostid"]!));
        await cluster.UntilAsync(async () => await StateAsync(cluster, vm) == ("Running", "kvm2"), _token);

        await cluster.Api.RunAsync("stopVirtualMachine", ("id", (string)vm["id"]!));
        Assert.Equal(("Stopped", null), await StateAsync(cluster, vm));
        Assert.Equal(["kvm1"], Holders(cluster));
        Assert.Equal("Down", (string?)(await cluster.HostAsync("kvm1"))["state"]);

        // The old domain runs there yet: the virtual machine is stopped, and the host had been declared down.
        first.Start();
        await cluster.UntilAsync("kvm1", "Up", _token);
        await cluster.UntilAsync(() => Holders(cluster).Count == 0, _token);
        await cluster.RestsAsync(_token, " ran on kvm1 a");
    }

    [Fact]
    public async Task HostThatIsFenced_IsDown_AndWhatRanThereStartsElsewhere()
    {
        await using var cluster = await JoinedCluster.StartAsync(
            _token, "ping.interval=1", "agent.return.time=1", "fencing.command=/bin/sh -c \"exit 3\"", "fencing.command.guid-1=/bin/true", "fencing.retry.interval=1");
        var first = await cluster.AddHostAsync("kvm1", "guid-1", _token);
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE", offerHa: true);
        var vm = (await scene.DeployAsync("vm"))["virtualmachine"]!;
        await cluster.AddHostAsync("kvm2", "guid-2", _token);

        await first.KillAsync();
        await cluster.UntilAsync(async () => await StateAsync(cluster, vm) == ("Running", "kvm2"), _token);

        Assert.Equal("Down", (string?)(await cluster.HostAsync("kvm1"))["state"]);
        await cluster.UntilAsync(
            () => cluster.Judge.Rows("SELECT description FROM event").Any(text => text.Contains("kvm1 was fenced", StringComparison.Ordinal)),
            _token);
        Assert.Equal(["kvm1", "kvm2"], Holders(cluster));
    }

    private static async Task<(string? State, string? Host)> StateAsync(JoinedCluster cluster, Newtonsoft.Json.Linq.JToken vm)
    {
        var row = (await cluster.Api.CallAsync("listVirtualMachines", ("id", (string)vm["id"]!)))["virtualmachine"]![0]!;
        return ((string?)row["state"], (string?)row["hostname"]);
    }

    private static IReadOnlyList<string> Holders(JoinedCluster cluster) => cluster.Judge.Rows(
        "SELECT h.name FROM op_host_pci_devices d JOIN host h ON h.id = d.host_id WHERE d.instance_id IS NOT NULL ORDER BY h.name");
}
