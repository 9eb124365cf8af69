using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Lab;

/// <summary>Virtual functions, devices that the host does not give away, and cards that are put into other slots.</summary>
[Collection(LabFixture.Name)]
[OutOfProcess]
[OnlyInAll("emulated hosts")]
public sealed class LabDeviceTests(LabFixture lab, BrokerFixture broker) : LabScenario(lab, broker, whole: true)
{
    private const string Functions = "/sys/bus/pci/devices/0000:03:00.0/sriov_numvfs";

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (Lab.Hosts.Count > 0) await First.RunAsync($"echo 0 > {Functions}", CancellationToken.None);
    }

    [Fact]
    public async Task VirtualFunction_IsDriven_AndWhatTheHostNeedsIsRefused()
    {
        // Without a link of the card its functions have none; a router on it would make it the way out of the host.
        await First.RunAsync(
            $"""
            n=$(ls /sys/bus/pci/devices/0000:03:00.0/net)
            echo 0 > /proc/sys/net/ipv6/conf/$n/accept_ra
            echo 2 > {Functions}
            udevadm settle -t 20
            ip link set $n up
            """,
            Token);
        await StartAsync("03:00.0|PF,03:10.*|VF,05:00.0|SHARED", "02:00.0|OTHER");
        var guest = await DeployAsync(await Cluster.CreateSceneAsync("VF"), "vf1");
        await Cluster.AgreeAsync($"{guest.Uuid}", Token, "lab1 0000:03:10.0");
        Assert.Equal("0000:03:00.0", (string)(await Cluster.DeviceAsync(First, "0000:03:10.0"))["parentaddress"]!);

        await RefusedAsync("PF", "0000:03:00.0", "virtual function");
        await RefusedAsync("SHARED", "0000:05:00.0", "0000:05:00.1");
        Assert.Equal("e1000e\n", await First.RunAsync("basename $(readlink /sys/bus/pci/devices/0000:05:00.1/driver)", Token));

        // With all of its group in the list it can be given.
        await First.RunAsync("sed -i 's/05:00.0|SHARED/05:00.*|SHARED/' /etc/agent.properties", Token);
        await UntilAsync(async () => (string?)(await Cluster.DeviceAsync(First, "0000:05:00.0"))["state"] == "Free", "the group can be given");
        var shared = (await (await Cluster.CreateSceneAsync("SHARED")).DeployAsync("shared1", await Cluster.HostIdAsync(First)))["virtualmachine"]!;
        var owned = Assert.Single(await Cluster.OwnedAsync((string)shared["id"]!));
        Assert.StartsWith("lab1 0000:05:00.", owned, StringComparison.Ordinal);
        await Cluster.AgreeAsync((string)shared["id"]!, Token, owned);
        await Cluster.AgreeAsync($"{guest.Uuid}", Token, "lab1 0000:03:10.0");
    }

    [Fact]
    public async Task CardsThatSwapTheirSlots_AreKnownAgain_AfterTheReboot()
    {
        await StartAsync("01:00.0|10GE,02:00.0|10GE");
        var before = await IdsAsync();
        try
        {
            await First.PowerOffAsync();
            First.IsSwapped = true;
            await Lab.PowerOnAsync(First, Token);
            await LabCluster.ConfigureAsync(First, "01:00.0|10GE,02:00.0|10GE", Token);
            await Cluster.StartAgentAsync(First, Token);
            await UntilAsync(async () => (await IdsAsync()).SequenceEqual([before[1], before[0]]), "the rows have followed the cards", 60);
            Assert.Equal("Free", (string)(await Cluster.DeviceAsync(First, "0000:01:00.0"))["state"]!);
            await Cluster.AgreeAsync($"{(await DeployAsync(await Cluster.CreateSceneAsync("10GE"), "web1")).Uuid}", Token, "lab1 0000:01:00.0");
        }
        finally
        {
            await First.PowerOffAsync();
            First.IsSwapped = false;
            await Lab.PowerOnAsync(First, CancellationToken.None);
        }

        async Task<string[]> IdsAsync() =>
            [(string)(await Cluster.DeviceAsync(First, "0000:01:00.0"))["id"]!, (string)(await Cluster.DeviceAsync(First, "0000:02:00.0"))["id"]!];
    }

    private async Task RefusedAsync(string name, string address, string why)
    {
        var device = await Cluster.DeviceAsync(First, address);
        Assert.Equal("Unusable", (string)device["state"]!);
        Assert.Contains(why, (string)device["unusable"]!, StringComparison.Ordinal);
        Say((string)device["unusable"]!);
        var scene = await Cluster.CreateSceneAsync(name);
        Say((await Assert.ThrowsAsync<ApiError>(async () => await scene.DeployAsync($"no-{name}", await Cluster.HostIdAsync(First)))).Text);
    }
}
