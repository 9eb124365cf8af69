using Newtonsoft.Json.Linq;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Lab;

/// <summary>Agents and libvirtd that are killed while they are at work.</summary>
[Collection(LabFixture.Name)]
[OutOfProcess]
[OnlyInAll("emulated hosts")]
public sealed class LabKillTests(LabFixture lab, BrokerFixture broker) : LabScenario(lab, broker, whole: false)
{
    [Theory]
    [InlineData("Detaching", true)]
    [InlineData("Migrating", true)]
    [InlineData("Preparing", false)]
    [InlineData("Attaching", false)]
    public async Task AgentThatIsKilledInAMigration_LeavesTheVmWithADevice_OnOneHost(string step, bool source)
    {
        // One of them is in the shorter run.
        LabFixture.Require(whole: step != "Migrating");
        await StartAsync("01:00.0|10GE", null, "repair.retry.interval=5", "migrate.detach.wait=20");
        var guest = await DeployAsync(await Cluster.CreateSceneAsync("10GE"), "web1");
        var killed = source ? First : Second;
        var job = await MigratingAsync(guest, migration => IsAt(migration, step));
        await LabCluster.KillAgentAsync(killed, Token);
        Say($"killed at {(await Api.CallAsync("queryAsyncJobResult", ("jobid", job)))["migration"]}");
        await Cluster.StartAgentAsync(killed, Token);

        var failure = await Record.ExceptionAsync(() => Api.WaitAsync(job));
        if (failure is not null) Say(Assert.IsType<ApiError>(failure).Text);
        JToken? vm = null;
        await Patience.UntilAsync(
            async () => (string?)(vm = await Cluster.VmAsync($"{guest.Uuid}"))["state"] == "Running" && !(bool)vm["degraded"]!,
            TimeSpan.FromSeconds(60), () => $"{vm}", Token);
        var host = (string)vm!["hostname"]! == "lab1" ? First : Second;
        if (host == Second) Assert.Null(failure);
        await Cluster.AgreeAsync($"{guest.Uuid}", Token, $"{host.Name} 0000:01:00.0");
        // It has forgotten what it said before, and says it again when it gets its device again.
        if (host == Second) await DrivesAsync(guest, Second);
        Assert.Equal(host == First ? [0, 1] : [1, 0], await CountDomainsAsync(guest));
        Say($"it runs on {host.Name}");
    }

    [Fact]
    public async Task LibvirtdThatIsKilledInADetach_LeavesTheDeviceWithItsVm()
    {
        LabFixture.Require(whole: true);
        await StartAsync("01:00.0|10GE");
        var guest = await DeployAsync(await Cluster.CreateSceneAsync("10GE", "deaf"), "deaf1");
        var device = (await Cluster.DeviceAsync(First, "0000:01:00.0"))["id"];
        var job = (string)(await Api.CallAsync("detachPciDevice", ("virtualmachineid", guest.Uuid), ("deviceid", device)))["jobid"]!;
        await UntilAsync(
            async () => (await LabCluster.AgentLogAsync(First, Token)).Contains("DetachAsync took", StringComparison.Ordinal), "the guest was asked");
        await First.RunAsync("kill -9 $(cat /run/libvirtd.pid); sleep 2; libvirtd -d --listen", Token);

        Say((await Assert.ThrowsAsync<ApiError>(() => Api.WaitAsync(job))).Text);
        await Cluster.AgreeAsync($"{guest.Uuid}", Token, "lab1 0000:01:00.0");
        Assert.Equal("Running", (string)(await Cluster.VmAsync($"{guest.Uuid}"))["state"]!);

        // Its unplug is open yet, and a reset completes it: the device comes back, as its offering asks for one.
        await First.ByHandAsync(connection => connection.ResetAsync(guest.Uuid, Token), Token);
        await guest.ForgetAsync(First, Token);
        await DrivesAsync(guest, First);
        await Cluster.AgreeAsync($"{guest.Uuid}", Token, "lab1 0000:01:00.0");
    }

    [Fact]
    public async Task LibvirtdThatLosesItsState_GivesNothingAway()
    {
        LabFixture.Require(whole: true);
        await StartAsync("01:00.0|10GE", null, "check.interval=2");
        var guest = await DeployAsync(await Cluster.CreateSceneAsync("10GE"), "web1");
        await First.RunAsync("kill -9 $(cat /run/libvirtd.pid); rm -f /run/libvirt/qemu/*; libvirtd -d --listen", Token);
        await UntilAsync(async () => (await AlertsAsync()).Any(text => text.Contains("runs the domain, and libvirt does not show it", StringComparison.Ordinal)),
            "an alert names the process");

        // The agent's next start is no reason to think otherwise.
        await LabCluster.KillAgentAsync(First, Token);
        await Cluster.StartAgentAsync(First, Token);
        await UntilAsync(async () => (string?)(await Api.CallAsync("listHosts", ("name", "lab1")))["host"]![0]!["state"] == "Up", "the agent is back", 60);
        Assert.Equal(["lab1 0000:01:00.0"], await Cluster.OwnedAsync($"{guest.Uuid}"));
        Assert.Equal("Running", (string)(await Cluster.VmAsync($"{guest.Uuid}"))["state"]!);

        await First.RunAsync("for one in /proc/[0-9]*; do if grep -qs -- -uuid $one/cmdline; then kill -9 ${one#/proc/}; fi; done", Token);
        await UntilAsync(async () => (string?)(await Cluster.VmAsync($"{guest.Uuid}"))["state"] == "Stopped", "it is off", 60);
        await Cluster.AgreeAsync($"{guest.Uuid}", Token);
        await UntilAsync(async () => (await AlertsAsync()).Count == 0, "the alert has ended");
    }

    private async Task<IReadOnlyList<string>> AlertsAsync() =>
        [.. ((await Api.CallAsync("listAlerts", ("name", "AgentProperties")))["alert"] ?? new JArray()).Select(alert => (string)alert["description"]!)];

    private static bool IsAt(JToken migration, string step) =>
        step is "Preparing" or "Attaching" ? (string?)migration["step"] == step : (string?)migration["agentstep"] == step;

    /// <summary>How many domains of the guest the other host and the first have, in this order.</summary>
    private async Task<int[]> CountDomainsAsync(LabGuest guest)
    {
        var counts = new List<int>();
        foreach (var host in (EmulatedHost[])[Second, First])
        {
            counts.Add((await host.RunAsync("virsh -q list --uuid", Token)).Split('\n').Count(line => line.Trim() == $"{guest.Uuid}"));
        }

        return [.. counts];
    }
}
