using Newtonsoft.Json.Linq;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Contracts;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>
/// Messages that come when their time is over: none frees a device in use, none runs a virtual machine twice, and each is seen
/// in the log. A relay that is suspended with one in hand is in <see cref="PciBus.Tests.Nemesis.SuspendedRelayTests"/>.
/// </summary>
[Collection(nameof(Bus))]
[OutOfProcess]
[OnlyInAll("minutes of processes")]
public sealed class ZombieTests(BrokerFixture broker)
{
    private const string Device = "28:00.1|10GE";

    /// <summary>An agent whose words are held back must not be missed before it has its command.</summary>
    private const string SilentForLong = "ping.interval=60";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task StopCommand_DeliveredAfterALaterStart_StopsNothing()
    {
        await using var cluster = await DistributedCluster.StartAsync(broker, 1, Device, _token);
        await using var recorder = await MessageRecorder.StartAsync(cluster, _token, EndpointNames.Agent("guid-1"));
        var vm = await DeployAsync(cluster);
        await cluster.Api.RunAsync("stopVirtualMachine", ("id", vm));
        await cluster.Api.RunAsync("startVirtualMachine", ("id", vm));

        await recorder.SendAgainAsync(await recorder.FirstAsync<StopCommand>(_token), _token);

        await AgentSaysAsync(cluster, "StopCommand", "superseded");
        await AssertRunsAsync(cluster, vm, starts: 2, ends: 1);
    }

    [Fact]
    public async Task StartCommand_DeliveredAfterALaterStop_StartsNothing()
    {
        await using var cluster = await DistributedCluster.StartAsync(broker, 1, Device, _token);
        await using var recorder = await MessageRecorder.StartAsync(cluster, _token, EndpointNames.Agent("guid-1"));
        var vm = await DeployAsync(cluster);
        await cluster.Api.RunAsync("stopVirtualMachine", ("id", vm));
        var other = await DeployAsync(cluster);

        await recorder.SendAgainAsync(await recorder.FirstAsync<StartCommand>(_token), _token);

        await AgentSaysAsync(cluster, "StartCommand", "superseded");
        await AssertRunsAsync(cluster, other, starts: 1, ends: 0);
        Assert.Equal((1, 1), (cluster.Count(Attachment.Start, vm), cluster.Count(Attachment.End, vm)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StartCommand_ExecutedAndDeliveredAgainToTheNextSession_StartsNothing(bool agentDies)
    {
        var bus = await broker.CleanAsync(_token);
        await using var wire = new BrokerProxy(bus);
        await using var cluster = await DistributedCluster.StartAsync(
            bus,
            new DistributedClusterOptions(1, Device) { BusOfAgents = wire.Address, StartTime = "2s", Heartbeat = "30s", Settings = [SilentForLong] },
            _token);
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE");
        // Its answer would end the start in this session.
        wire.HoldToBroker();
        var accepted = await scene.RequestAsync("vm");
        var vm = (string)accepted["id"]!;
        await cluster.UntilAsync(() => cluster.HasDomain(vm), Soon, _token);

        if (agentDies) await cluster.Agents[0].KillAsync();
        wire.Cut();
        if (agentDies) cluster.Agents[0].Start();

        await cluster.Api.WaitAsync((string)accepted["jobid"]!);
        await AgentSaysAsync(cluster, "StartCommand", "");
        await AssertRunsAsync(cluster, vm, starts: 1, ends: 0);
    }

    [Fact]
    public async Task AnnouncementsHandledInTheWrongOrder_FreeNothing()
    {
        await using var cluster = await DistributedCluster.StartAsync(broker, 1, Device, _token);
        await using var recorder = await MessageRecorder.StartAsync(cluster, _token, EndpointNames.ManagementStartup, EndpointNames.ManagementPings);
        await RestartAsync(cluster, recorder, announcements: 1);
        var early = recorder.Of<StartupRoutingCommand>()[0];
        await RestartAsync(cluster, recorder, announcements: 2);
        var vm = await DeployAsync(cluster);

        await recorder.SendAgainAsync(early, _token);

        // The agent knows nothing of the session that was begun for its past: it is asked to announce itself once more.
        await cluster.UntilAsync(() => recorder.Of<StartupRoutingCommand>().Count >= 4, Soon, _token);
        await cluster.UntilAsync(async () => (int?)(await cluster.Api.CallAsync("listHosts", ("state", "Up")))["count"] == 1, Soon, _token);
        await cluster.ManagementSaysAsync("it is asked to announce itself", Soon, _token);
        await AssertRunsAsync(cluster, vm, starts: 1, ends: 0);
    }

    [Fact]
    public async Task Ping_ThatWaitedInTheQueueAcrossAClaim_FreesNothing()
    {
        await using var cluster = await DistributedCluster.StartAsync(broker, 1, Device, _token);
        await using var recorder = await MessageRecorder.StartAsync(cluster, _token, EndpointNames.ManagementPings);
        await cluster.UntilAsync(() => recorder.Of<PingRoutingCommand>().Count > 0, Soon, _token);
        var early = recorder.Of<PingRoutingCommand>()[^1];
        var vm = await DeployAsync(cluster);

        await recorder.SendAgainAsync(early, _token);
        await AssertRunsAsync(cluster, vm, starts: 1, ends: 0);

        var now = recorder.All.Count;
        await cluster.UntilAsync(() => recorder.All.Count > now + 1, Soon, _token);
        await recorder.SendAgainAsync(early, _token);
        await cluster.ManagementSaysAsync("of host 1 changes nothing", Soon, _token);
        await AssertRunsAsync(cluster, vm, starts: 1, ends: 0);
    }

    [Fact]
    public async Task StartCommand_WhoseFirstSendingIsUnknownAndWhoseSecondComesBack_KeepsItsDevices()
    {
        var bus = await broker.CleanAsync(_token);
        await using var wire = new BrokerProxy(bus);
        await using var wireOfAgent = new BrokerProxy(bus);
        await using var cluster = await DistributedCluster.StartAsync(
            bus,
            new DistributedClusterOptions(1, Device)
            {
                BusOfManagement = wire.Address,
                BusOfAgents = wireOfAgent.Address,
                Heartbeat = "30s",
                Settings = [SilentForLong],
            },
            _token);
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE");
        wire.HoldFromBroker();
        // Its answer would end the start before anything comes back.
        wireOfAgent.HoldToBroker();
        var accepted = await scene.RequestAsync("vm");
        var vm = (string)accepted["id"]!;
        await cluster.UntilAsync(() => cluster.HasDomain(vm), Soon, _token);
        await cluster.Agents[0].KillAsync();
        wireOfAgent.Cut();
        await cluster.QueueGoesAsync("guid-1", _token);

        wire.Cut();

        await cluster.ManagementSaysAsync("StartCommand came back", Soon, _token);
        Assert.Equal(["Starting"], cluster.Judge.Rows("SELECT v.state FROM vm_instance v JOIN op_host_pci_devices d ON d.instance_id = v.id"));
        cluster.Agents[0].Start();
        await cluster.Api.WaitAsync((string)accepted["jobid"]!);
        await AssertRunsAsync(cluster, vm, starts: 1, ends: 0);
    }

    [Fact]
    public async Task StartCommand_DelayedPastItsDeadline_IsCarriedOutOnce_OrNotAtAll()
    {
        var bus = await broker.CleanAsync(_token);
        await using var cluster = await DistributedCluster.StartAsync(
            bus, new DistributedClusterOptions(1, Device) { Heartbeat = "30s", Settings = ["command.timeout=2"] }, _token);
        await using var recorder = await MessageRecorder.StartAsync(cluster, _token, EndpointNames.Agent("guid-1"));
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE");
        cluster.Agents[0].Signal("STOP");
        var accepted = await scene.RequestAsync("vm");
        await cluster.UntilAsync(() => recorder.Of<CheckVirtualMachineCommand>().Count > 0, Soon, _token);

        cluster.Agents[0].Signal("CONT");

        // Both are in its queue: the Check, which has no lane to wait in, may overtake the start or not.
        var vm = (string)accepted["id"]!;
        await cluster.UntilAsync(async () => (int)(await cluster.Api.CallAsync("queryAsyncJobResult", ("jobid", accepted["jobid"])))["jobstatus"]! != 0, Soon, _token);
        var runs = cluster.Judge.Rows("SELECT state FROM vm_instance").Single() == "Running";
        Assert.Equal(runs ? 1 : 0, cluster.Count(Attachment.Start, vm));

        await recorder.SendAgainAsync(await recorder.FirstAsync<StartCommand>(_token), _token);
        await AgentSaysAsync(cluster, "StartCommand", "");
        await cluster.Judge.RestsAsync(Soon, _token);
        Assert.Equal(runs ? 1 : 0, cluster.Count(Attachment.Start, vm));
        Assert.Equal([runs ? "1" : "0"], cluster.Judge.Rows("SELECT '' || count(*) FROM op_host_pci_devices WHERE instance_id IS NOT NULL"));
    }

    private static async Task<string> DeployAsync(DistributedCluster cluster)
    {
        var scene = await TestScene.CreateAsync(cluster.Api, "10GE");
        return (string)(await scene.DeployAsync("vm"))["virtualmachine"]!["id"]!;
    }

    private async Task RestartAsync(DistributedCluster cluster, MessageRecorder recorder, int announcements)
    {
        await cluster.Agents[0].KillAsync();
        cluster.Agents[0].Start();
        await cluster.UntilAsync(() => recorder.Of<StartupRoutingCommand>().Count >= announcements, Soon, _token);
        var pings = recorder.Of<PingRoutingCommand>().Count;
        await cluster.UntilAsync(() => recorder.Of<PingRoutingCommand>().Count > pings, Soon, _token);
    }

    private Task AgentSaysAsync(DistributedCluster cluster, string command, string why) => cluster.UntilAsync(
        () => cluster.Agents[0].Output.Split('\n').Any(line =>
            line.Contains(command, StringComparison.Ordinal) && line.Contains("changes nothing: " + why, StringComparison.Ordinal)),
        Soon,
        _token,
        $"the agent says that a {command} changes nothing: {why}");

    /// <summary>It runs, holds its device, and no more has happened to it than that.</summary>
    private async Task AssertRunsAsync(DistributedCluster cluster, string vm, int starts, int ends)
    {
        await cluster.Judge.RestsAsync(Soon, _token);
        var listed = (JObject)(await cluster.Api.CallAsync("listVirtualMachines", ("id", vm)))["virtualmachine"]![0]!;
        Assert.Equal("Running", (string?)listed["state"]);
        Assert.Equal((starts, ends), (cluster.Count(Attachment.Start, vm), cluster.Count(Attachment.End, vm)));
        Assert.Equal(["1"], cluster.Judge.Rows($"SELECT '' || count(*) FROM op_host_pci_devices d JOIN vm_instance v ON v.id = d.instance_id WHERE lower(v.uuid) = '{vm}'"));
    }
}
