using Newtonsoft.Json.Linq;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.EndToEnd;

/// <summary>Two hundred deployments at once at a hundred devices, undisturbed and with the process killed in their midst.</summary>
[OutOfProcess]
public sealed class HundredDevicesTests : IAsyncLifetime
{
    private const int Hosts = 10;
    private const int Devices = 100;
    private const int Deployments = 200;
    private const int DeploymentsOfARound = 20;
    private static readonly int Kills = Environment.GetEnvironmentVariable("PCIBUS_ALL") is null ? 2 : 10;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(30);
    private readonly ManagementProcess _management = new(Directory.CreateTempSubdirectory("pcibus-e2e").FullName);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        for (var host = 1; host <= Hosts; host++)
        {
            var devices = string.Join(',', Enumerable.Range(0, Devices / Hosts).Select(i => $"28:{i / 8:x2}.{i % 8}|10GE"));
            _management.AddHost($"kvm{host}", $"guid-{host}", devices, "simulator.start.time=500ms", "simulator.stop.time=20ms", "settle.time=1s");
        }

        await _management.StartAsync(Hosts, _token);
    }

    public async ValueTask DisposeAsync()
    {
        await _management.DisposeAsync();
        Directory.Delete(_management.DataFolder, recursive: true);
    }

    [OnlyInAll("half a minute of processes")]
    [Fact]
    public async Task Exactly_as_many_succeed_as_there_are_devices_and_all_come_back()
    {
        var scene = await TestScene.CreateAsync(_management.Api, "10GE");
        var outcomes = await Task.WhenAll(Enumerable.Range(1, Deployments).Select(i => OutcomeAsync(() => scene.DeployAsync($"vm{i}"))));
        Assert.Equal(Devices, outcomes.Count(code => code == 0));
        Assert.Equal(Deployments - Devices, outcomes.Count(code => code == 533));
        await ComesToRestAsync();

        await StopAllAsync();
        var judge = new Judge(_management);
        await ComesToRestAsync();
        Assert.Equal([$"{Devices}"], judge.Rows("SELECT '' || count(*) FROM op_host_pci_devices WHERE instance_id IS NULL AND health = 'Good'"));
        Assert.Equal(
            [$"Claimed {Devices}", $"Discovered {Devices}", $"Released {Devices}"],
            judge.Rows("SELECT what || ' ' || count(*) FROM pci_device_history GROUP BY what ORDER BY what"));
    }

    [Fact]
    public async Task Killed_at_any_moment_nothing_is_lost_nothing_leaks_and_every_job_ends()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PCIBUS_SEED"), out var given) ? given : Random.Shared.Next();
        var random = new Random(seed);
        var scene = await TestScene.CreateAsync(_management.Api, "10GE");
        var accepted = new List<string>();
        var inFlight = 0;
        for (var round = 0; round < Kills; round++)
        {
            var requests = Enumerable.Range(1, DeploymentsOfARound)
                .Select(i => RequestAsync(scene, $"r{round}-{i}", accepted)).ToList();
            // A process that has just started takes its first requests slowly; every other one is killed while it does.
            var before = accepted.Count;
            if (round % 2 == 0)
            {
                await Patience.UntilAsync(
                    () => accepted.Count > before, Soon, () => _management.LastLines, _token, "a deployment is accepted");
            }

            // Shorter than a start takes: what was taken is under way.
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(50, round % 2 == 0 ? 400 : 1500)), TimeProvider.System, _token);
            await _management.KillAsync();
            await Task.WhenAll(requests);
            inFlight += int.Parse(new Judge(_management).Rows("SELECT '' || count(*) FROM workflow").Single(), System.Globalization.CultureInfo.InvariantCulture);
            Assert.Empty(new Judge(_management).Wrongs());
            await _management.StartAsync(Hosts, _token);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"seed {seed}: {Kills} kills, {accepted.Count} deployments accepted, {inFlight} workflows were under way when it was killed");
        foreach (var jobId in accepted) await OutcomeAsync(() => _management.Api.WaitAsync(jobId));
        await ComesToRestAsync();
        Assert.True(inFlight > 0, "no kill hit a deployment under way");

        await StopAllAsync();
        await ComesToRestAsync();
        Assert.Equal([$"{Devices}"], new Judge(_management).Rows("SELECT '' || count(*) FROM op_host_pci_devices WHERE instance_id IS NULL"));
    }

    private Task ComesToRestAsync() => new Judge(_management).RestsAsync(Settled, _token);

    private async Task StopAllAsync()
    {
        var running = (JArray?)(await _management.Api.CallAsync("listVirtualMachines", ("state", "Running")))["virtualmachine"] ?? [];
        await Task.WhenAll(running.Select(vm => _management.Api.RunAsync("stopVirtualMachine", ("id", (string)vm["id"]!))));
    }

    /// <summary>A request that the killed process did not answer may or may not have been taken; only the answered are counted on.</summary>
    private static async Task RequestAsync(TestScene scene, string name, List<string> accepted)
    {
        try
        {
            var jobId = (string)(await scene.RequestAsync(name))["jobid"]!;
            lock (accepted) accepted.Add(jobId);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // Killed before it could answer.
        }
    }

    private static async Task<int> OutcomeAsync(Func<Task<JObject>> request)
    {
        try
        {
            await request();
            return 0;
        }
        catch (ApiError error)
        {
            return error.Code;
        }
    }
}
