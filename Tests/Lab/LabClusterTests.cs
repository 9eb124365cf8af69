using Newtonsoft.Json.Linq;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Lab;

/// <summary>Two servers that want one device, and a host that loses its power.</summary>
[Collection(LabFixture.Name)]
[OutOfProcess]
[OnlyInAll("emulated hosts")]
public sealed class LabClusterTests(LabFixture lab, BrokerFixture broker) : LabScenario(lab, broker, whole: true)
{
    [Fact]
    public async Task TwoServers_GiveOneDeviceToOneVm()
    {
        await StartAsync(new PostgreSqlDatabase(), "01:00.0|10GE", "02:00.0|OTHER");
        var scene = await Cluster.CreateSceneAsync("10GE");
        var outcomes = await Task.WhenAll(Cluster.Servers.Select(async (server, number) =>
        {
            try
            {
                return (JToken?)(await (scene with { Api = server.Api }).DeployAsync($"rival{number}"))["virtualmachine"];
            }
            catch (ApiError refused)
            {
                Say(refused.Text);
                return null;
            }
        }));

        var winner = Assert.Single(outcomes, outcome => outcome is not null)!;
        var guest = new LabGuest((string)winner["name"]!, Guid.Parse((string)winner["id"]!));
        await DrivesAsync(guest, First);
        await Cluster.AgreeAsync($"{guest.Uuid}", Token, "lab1 0000:01:00.0");
        Assert.Single((await First.RunAsync("virsh -q list --uuid", Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task HostWithoutPower_KeepsWhatItHad_UntilItIsDeclaredDown_AndTheVmStartsOnTheOther()
    {
        await StartAsync("01:00.0|10GE");
        var guest = await DeployAsync(await Cluster.CreateSceneAsync("10GE", offerHa: true), "ha1");
        var hostId = await Cluster.HostIdAsync(First);
        try
        {
            await First.PowerOffAsync();
            await UntilAsync(async () => (string?)(await HostAsync(hostId))["state"] == "Alert", "its silence is noticed", 90);
            var vm = await Cluster.VmAsync($"{guest.Uuid}");
            Assert.Equal(("Running", "lab1"), ((string)vm["state"]!, (string)vm["hostname"]!));
            Assert.Equal(["lab1 0000:01:00.0"], await Cluster.OwnedAsync($"{guest.Uuid}"));
            Assert.Equal("Free", (string)(await Cluster.DeviceAsync(Second, "0000:01:00.0"))["state"]!);

            await Api.CallAsync("declareHostDown", ("id", hostId));
            await UntilAsync(async () => await IsOnAsync(guest, Second), "it was started on the other", 90);
            await DrivesAsync(guest, Second);
            // Only the first host can say that its device is free.
            Assert.Equal(["lab1 0000:01:00.0", "lab2 0000:01:00.0"], await Cluster.OwnedAsync($"{guest.Uuid}"));
        }
        finally
        {
            await Lab.PowerOnAsync(First, CancellationToken.None);
        }

        await LabCluster.ConfigureAsync(First, "01:00.0|10GE", Token);
        await Cluster.StartAgentAsync(First, Token);
        await UntilAsync(async () => (string?)(await HostAsync(hostId))["state"] == "Up", "it is up again", 60);
        await Cluster.AgreeAsync($"{guest.Uuid}", Token, "lab2 0000:01:00.0");
        Assert.Equal("Free", (string)(await Cluster.DeviceAsync(First, "0000:01:00.0"))["state"]!);
        Assert.True(await IsOnAsync(guest, Second));
    }

    private async Task<JToken> HostAsync(string id) => (await Api.CallAsync("listHosts", ("id", id)))["host"]!.Single();

    private async Task<bool> IsOnAsync(LabGuest guest, EmulatedHost host)
    {
        var vm = await Cluster.VmAsync($"{guest.Uuid}");
        return ((string?)vm["state"], (string?)vm["hostname"]) == ("Running", host.Name);
    }
}
