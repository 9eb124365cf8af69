using System.Reflection;
using Newtonsoft.Json.Linq;
using PciBus.Management.Events;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Nemesis;

/// <summary>Virtual machines live and die while the processes and hosts of a cluster are killed and suspended.</summary>
[OutOfProcess]
[OnlyInAll("minutes of processes")]
public sealed class NemesisTests : IAsyncLifetime
{
    private const int Users = 6;
    private const int FewestFaultsInFlight = 15;
    private static readonly (int FewestLifeCycles, int FewestMigrations, int FaultsOfAKind) Size =
        Environment.GetEnvironmentVariable("PCIBUS_ALL") is null ? (50, 50, 3) : (100, 200, 6);

    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(45);

    /// <summary>That of a job that failed while the broker was away ends when that server has its turn again.</summary>
    private static readonly TimeSpan AlertsEnded = TimeSpan.FromMinutes(2);

    /// <summary>Alerts of these types may stand: nobody but an operator ends them, and here there is none who looks.</summary>
    private static readonly string EndedByOperators = string.Join(", ", typeof(AlertType).GetFields()
        .Where(type => type.GetCustomAttribute<AlertEndAttribute>()?.ByOperator == true).Select(type => $"'{type.Name}'"));

    /// <summary>Shorter than a server is suspended: users go on to the other one.</summary>
    private readonly NemesisCluster _cluster = new(hosts: 5, apiTimeout: TimeSpan.FromSeconds(5));
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _cluster.StartAsync(_token);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Whatever_is_killed_or_suspended_no_device_is_lost_or_shared_and_every_job_ends()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PCIBUS_SEED"), out var given) ? given : Random.Shared.Next();
        try
        {
            await RunAsync(seed);
        }
        catch
        {
            // The cluster stands yet, and what is under way goes on.
            Console.WriteLine($"nemesis, seed {seed}: {_cluster.KeepHistory(Checkout.PathOf("artifacts", "nemesis", $"{seed}"))}");
            throw;
        }
    }

    private async Task RunAsync(int seed)
    {
        using var api = _cluster.Management[0].NewClient();
        var one = await TestScene.CreateAsync(api, "10GE", pciMigration: "DetachAttach");
        var two = await TestScene.CreateAsync(api, "10GE,10GE", offerHa: true, pciMigration: "DetachAttach");
        var residents = new Residents(_cluster);
        await residents.MoveInAsync(await TestScene.CreateAsync(api, "10GE", offerHa: true));
        var lives = new LifeCycles([.. _cluster.Management.Select(server => server.Api)], one.ZoneId, one.TemplateId, [one.OfferingId, two.OfferingId]);
        var faults = new Faults(_cluster, residents, new Random(seed), _token);

        var striking = faults.RunAsync(timesEach: Size.FaultsOfAKind);
        await lives.RunAsync(Users, () => striking.IsFaulted
            || (striking.IsCompleted && lives.Completed >= Size.FewestLifeCycles && lives.Migrations >= Size.FewestMigrations));
        await striking;

        var output = TestContext.Current.TestOutputHelper!;
        foreach (var kind in faults.Struck.GroupBy(fault => fault.Kind).OrderBy(kind => kind.Key))
        {
            output.WriteLine($"{kind.Count()} x {kind.Key}, {kind.Count(fault => fault.InFlight > 0)} of them hit operations");
        }

        output.WriteLine($"seed {seed}: {lives.Completed} life cycles, {lives.Migrations} migrations, {lives.Refusals.Count} refusals");
        foreach (var refusal in lives.Refusals.GroupBy(text => text[(text.IndexOf(':', StringComparison.Ordinal) + 2)..]))
        {
            output.WriteLine($"  {refusal.Count()} x {refusal.Key}");
        }

        await _cluster.EveryHostIsUpAsync(_token);
        await ComesToRestAsync();
        output.WriteLine($"{faults.DeclaredDown} hosts were declared down; residents were started again {residents.Restarts} times");
        // What requests left behind whose answers were lost may hold all the devices.
        await SweepAsync(api, "vm");
        await residents.BecomeWellAsync(faults.DeclaredDown, _token);
        await SweepAsync(api, "");
        await ComesToRestAsync();
        await _cluster.Judge.RowsAreAsync(
            "SELECT 'device ' || id || ' is not free' FROM op_host_pci_devices WHERE instance_id IS NOT NULL OR health <> 'Good'",
            Settled,
            _token);
        await _cluster.Judge.RowsAreAsync(
            $"SELECT type || ' stands: ' || subject FROM alert WHERE resolved IS NULL AND type NOT IN ({EndedByOperators}) ORDER BY id",
            AlertsEnded,
            _token);
        Assert.InRange(faults.Struck.Count(fault => fault.InFlight > 0), FewestFaultsInFlight, int.MaxValue);
    }

    private Task ComesToRestAsync() => _cluster.Judge.RestsAsync(Settled, _token);

    /// <summary>Destroys the machines of requests whose answers were lost.</summary>
    private static async Task SweepAsync(ApiClient api, string name)
    {
        var left = (JArray?)(await api.CallAsync("listVirtualMachines", ("page", 1), ("pagesize", 500)))["virtualmachine"] ?? [];
        foreach (var vm in left.Where(vm => ((string)vm["name"]!).StartsWith(name, StringComparison.Ordinal))) await api.RunAsync("destroyVirtualMachine", ("id", (string)vm["id"]!), ("expunge", true));
    }
}
