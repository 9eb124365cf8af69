using PciBus.Contracts.PciDevices;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Lab;

/// <summary>Migration on real VFIO, when all goes well, and when a guest or a destination does not do as it should.</summary>
[Collection(LabFixture.Name)]
[OutOfProcess]
[OnlyInAll("emulated hosts")]
public sealed class LabTests(LabFixture lab, BrokerFixture broker) : LabScenario(lab, broker, whole: false)
{
    private static readonly PciAddress Card = PciAddress.Parse("01:00.0");

    [Fact]
    public async Task VmWithADevice_DrivesIt_AndThatOfTheOtherHost_AfterALiveMigration()
    {
        await StartAsync("01:00.0|10GE,02:00.0|10GE");
        var guest = await DeployAsync(await Cluster.CreateSceneAsync("10GE"), "web1");
        await Cluster.AgreeAsync($"{guest.Uuid}", Token, "lab1 0000:01:00.0");

        var moved = (await Api.RunAsync("migrateVirtualMachine", ("virtualmachineid", guest.Uuid)))["virtualmachine"]!;

        Assert.Equal(("Running", "lab2"), ((string)moved["state"]!, (string)moved["hostname"]!));
        await DrivesAsync(guest, Second);
        await Cluster.AgreeAsync($"{guest.Uuid}", Token, "lab2 0000:01:00.0");
        var events = await Cluster.EventsAsync("VM.MIGRATE");
        Assert.Contains(events, text => text.Contains("without devices for ", StringComparison.Ordinal));
        foreach (var text in events) Say(text);
        await Api.RunAsync("stopVirtualMachine", ("id", guest.Uuid), ("forced", true));
        await Cluster.AgreeAsync($"{guest.Uuid}", Token);
    }

    [Fact]
    public async Task GuestThatDoesNotLetGo_StaysWithItsDevice()
    {
        await StartAsync("01:00.0|10GE", null, "migrate.detach.wait=8");
        var guest = await DeployAsync(await Cluster.CreateSceneAsync("10GE", "deaf"), "deaf1");

        var refused = await Assert.ThrowsAsync<ApiError>(() => Api.RunAsync("migrateVirtualMachine", ("virtualmachineid", guest.Uuid)));

        Assert.StartsWith("Unable to migrate: lab1: not detached: 0000:01:00.0: ", refused.Text, StringComparison.Ordinal);
        Say(refused.Text);
        var vm = await Cluster.VmAsync($"{guest.Uuid}");
        Assert.Equal(("Running", "lab1"), ((string)vm["state"]!, (string)vm["hostname"]!));
        await Cluster.AgreeAsync($"{guest.Uuid}", Token, "lab1 0000:01:00.0");
        Assert.Equal("Free", (string)(await Cluster.DeviceAsync(Second, "0000:01:00.0"))["state"]!);
    }

    [Fact]
    public async Task GuestThatBoots_IsAskedAgainWhenItsAgentIsConnected()
    {
        LabFixture.Require(whole: true);
        await StartAsync("01:00.0|10GE");
        var scene = await Cluster.CreateSceneAsync("10GE", "agent");
        var guest = await DeployAsync(scene, "boots1");
        await First.ByHandAsync(connection => connection.ResetAsync(guest.Uuid, Token), Token);

        // Its firmware does not hear the first request.
        var moved = (await Api.RunAsync("migrateVirtualMachine", ("virtualmachineid", guest.Uuid)))["virtualmachine"]!;

        Assert.Equal(("Running", "lab2"), ((string)moved["state"]!, (string)moved["hostname"]!));
        await DrivesAsync(guest, Second);
        await Cluster.AgreeAsync($"{guest.Uuid}", Token, "lab2 0000:01:00.0");
        var asked = (await LabCluster.AgentLogAsync(First, Token)).Split('\n')
            .Where(line => line.Contains("the guest's letting go", StringComparison.Ordinal)).ToList();
        foreach (var line in asked) Say(line);
        Assert.True(asked.Count > 1);
    }

    /// <param name="lets">Whether the domain that holds the destination's only device lets go of it in time. When it does not, the story is too long for the shorter run.</param>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DestinationsDeviceThatIsTaken_IsTriedAgain_OrTheVmRunsWithoutUntilItIsThere(bool lets)
    {
        LabFixture.Require(whole: !lets);
        await StartAsync("01:00.0|10GE", null, lets ? "check.interval=6" : "check.interval=1", "repair.retry.interval=5");
        var guest = await DeployAsync(await Cluster.CreateSceneAsync("10GE"), "web1");
        var other = new LabGuest("byhand", Guid.NewGuid());
        var job = await MigratingAsync(guest, migration => (string?)migration["agentstep"] == "Migrating");
        await Second.ByHandAsync(connection => connection.CreateAsync(other.Xml(Card), Token), Token);
        if (lets)
        {
            await UntilAsync(
                async () => (await LabCluster.AgentLogAsync(Second, Token)).Contains("AttachAsync took", StringComparison.Ordinal), "an attach has failed", 90);
            await Second.ByHandAsync(connection => connection.DestroyAsync(other.Uuid, Token), Token);
        }

        var moved = (await Api.WaitAsync(job))["virtualmachine"]!;
        Assert.Equal(("Running", "lab2"), ((string)moved["state"]!, (string)moved["hostname"]!));
        if (!lets)
        {
            var vm = await Cluster.VmAsync($"{guest.Uuid}");
            Assert.True((bool)vm["degraded"]!);
            Say((string)vm["degradedreason"]!);
            await Cluster.AgreeAsync($"{guest.Uuid}", Token);
            var device = await Cluster.DeviceAsync(Second, "0000:01:00.0");
            Assert.Equal("Quarantined", (string)device["state"]!);
            Say((string)device["healthreason"]!);
            await Second.ByHandAsync(connection => connection.DestroyAsync(other.Uuid, Token), Token);
            await Api.CallAsync("releasePciDevice", ("id", device["id"]));
        }

        await UntilAsync(async () => !(bool)(await Cluster.VmAsync($"{guest.Uuid}"))["degraded"]!, "it has its device", 60);
        await DrivesAsync(guest, Second);
        await Cluster.AgreeAsync($"{guest.Uuid}", Token, "lab2 0000:01:00.0");
        foreach (var text in await Cluster.EventsAsync("VM.MIGRATE")) Say(text);
    }
}
