using System.Diagnostics;
using Newtonsoft.Json.Linq;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Lab;

/// <summary>A story that is told on the emulated hosts, with management on this machine. How long it takes is a line of the lab's table.</summary>
/// <param name="lab">The hosts.</param>
/// <param name="broker">Between them and management.</param>
/// <param name="whole">It is told only in the lab's whole run.</param>
public abstract class LabScenario(LabFixture lab, BrokerFixture broker, bool whole) : IAsyncLifetime
{
    /// <summary>Guests get leases in this network through the first card of their host.</summary>
    protected const string Lease = "lease of 10.77.";

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private LabCluster? _cluster;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected LabFixture Lab => lab;

    private protected EmulatedHost First => lab.First;

    private protected EmulatedHost Second => lab.Second;

    private protected LabCluster Cluster => _cluster!;

    private protected ApiClient Api => Cluster.Api;

    public virtual ValueTask InitializeAsync()
    {
        LabFixture.Require(whole);
        return ValueTask.CompletedTask;
    }

    public virtual async ValueTask DisposeAsync()
    {
        var failed = TestContext.Current.TestState?.Result == TestResult.Failed;
        if (_cluster is not null)
        {
            if (failed) Say(await _cluster.LogsAsync());
            await _cluster.DisposeAsync();
            lab.Tell(TestContext.Current.Test!.TestDisplayName.Split('.')[^1], _clock.Elapsed, failed ? "failed" : "passed");
        }

        GC.SuppressFinalize(this);
    }

    /// <param name="first"><c>pci.devices</c> of the first host.</param>
    /// <param name="second">Of the second; null: the same.</param>
    /// <param name="settings">Of management.</param>
    protected async Task StartAsync(string first, string? second = null, params string[] settings) =>
        _cluster = await LabCluster.StartAsync(lab, broker, [first, second ?? first], database: null, settings, Token);

    /// <summary>Two servers, on one database, which goes with them.</summary>
    private protected async Task StartAsync(TestDatabase database, string first, string second) =>
        _cluster = await LabCluster.StartAsync(lab, broker, [first, second], database, [], Token);

    /// <summary>Deploys a virtual machine on the first host, and waits until its guest drives what it was given.</summary>
    private protected async Task<LabGuest> DeployAsync(TestScene scene, string name)
    {
        var vm = (await scene.DeployAsync(name, await Cluster.HostIdAsync(First)))["virtualmachine"]!;
        var guest = new LabGuest(name, Guid.Parse((string)vm["id"]!));
        await DrivesAsync(guest, First);
        return guest;
    }

    /// <summary>Waits until the guest gets a lease through a card of its host; the next time it must get another.</summary>
    private protected static async Task DrivesAsync(LabGuest guest, EmulatedHost host)
    {
        await guest.SaysAsync(host, Lease, Token);
        await guest.ForgetAsync(host, Token);
    }

    /// <summary>Asks for a migration, and waits until an agent is at a step of it.</summary>
    /// <returns>Its job.</returns>
    private protected async Task<string> MigratingAsync(LabGuest guest, Func<JToken, bool> isThere)
    {
        var jobId = (string)(await Api.CallAsync("migrateVirtualMachine", ("virtualmachineid", guest.Uuid)))["jobid"]!;
        JToken? seen = null;
        await Patience.UntilAsync(
            async () => (seen = await Api.CallAsync("queryAsyncJobResult", ("jobid", jobId)))["migration"] is { } migration && isThere(migration),
            TimeSpan.FromSeconds(45), () => $"{seen}", Token);
        return jobId;
    }

    protected static void Say(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);

    protected static Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 30) =>
        Patience.UntilAsync(condition, TimeSpan.FromSeconds(seconds), () => "not yet", Token, what, EmulatedHost.LookInterval);
}
