using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Nemesis;

/// <summary>A management server stands still with a message in hand, which others have sent since.</summary>
[OutOfProcess]
[OnlyInAll("minutes of processes")]
public sealed class SuspendedRelayTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private readonly NemesisCluster _cluster = new(hosts: 2, wired: true, more: "bus.heartbeat=60s");
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _cluster.StartAsync(_token);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task StartCommand_HeldUntilItsVmRunsElsewhere_StartsNothing()
    {
        var (relay, other) = (_cluster.Management[0], _cluster.Management[1]);
        var (first, second) = (_cluster.Agents[0], _cluster.Agents[1]);
        var wire = _cluster.Wire!;
        var scene = await TestScene.CreateAsync(relay.Api, "10GE");
        var idOfSecond = (string)(await relay.Api.CallAsync("listHosts", ("name", "kvm2")))["host"]![0]!["id"]!;
        await relay.Api.CallAsync("updateHost", ("id", idOfSecond), ("allocationstate", "Disable"));
        // The first message to a host also declares its exchange, and would be held back before it is written.
        var before = await scene.DeployAsync("before");
        await relay.Api.RunAsync("destroyVirtualMachine", ("id", (string)before["virtualmachine"]!["id"]!), ("expunge", true));
        first.Signal("STOP");
        wire.HoldToBroker();
        var accepted = await scene.RequestAsync("vm");
        var vm = (string)accepted["id"]!;
        await UntilAsync(() => wire.Holds(vm), "the relay has a StartCommand in hand");
        relay.Signal("STOP");

        await other.Api.CallAsync("updateHost", ("id", idOfSecond), ("allocationstate", "Enable"));
        await UntilAsync(() => Rows("SELECT step FROM workflow").Any(step => step != "Starting"), "the other server doubts it");
        first.Signal("CONT");
        await UntilAsync(() => Count(second, Attachment.Start, vm) == 1, "it runs on the second host");

        wire.Release();
        await UntilAsync(() => LeftAlone(first) >= 2, "both copies have reached the first host");
        relay.Signal("CONT");

        await other.Api.WaitAsync((string)accepted["jobid"]!);
        await UntilAsync(() => _cluster.Judge.WrongsAtRest().Count == 0, "all is at rest");
        Assert.Equal(0, Count(first, Attachment.Start, vm));
        Assert.Equal((1, 0), (Count(second, Attachment.Start, vm), Count(second, Attachment.End, vm)));
        Assert.Equal(["kvm2 Running"], Rows("""
            SELECT h.name || ' ' || v.state FROM op_host_pci_devices d JOIN vm_instance v ON v.id = d.instance_id JOIN host h ON h.id = d.host_id
            """));
    }

    private static int LeftAlone(AgentProcess agent) => agent.Output.Split('\n').Count(line =>
        line.Contains("StartCommand", StringComparison.Ordinal) && line.Contains("changes nothing", StringComparison.Ordinal));

    private static int Count(AgentProcess agent, string what, string vm) => AttachmentLog
        .Read(Path.Combine(agent.Folder, "simulator", "attachments.log"))
        .Count(line => line.Event == what && line.Domain == Guid.Parse(vm));

    private IReadOnlyList<string> Rows(string sql) => _cluster.Judge.Rows(sql);

    /// <summary>Meanwhile the broker must not give up the server that stands still.</summary>
    private Task UntilAsync(Func<bool> condition, string what) => Patience.UntilAsync(
        () =>
        {
            _cluster.Wire!.Beat();
            return condition();
        },
        Soon,
        _cluster.LastSeen,
        _token,
        what);
}
