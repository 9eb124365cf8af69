using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using PciBus.Tests.EndToEnd;
using Xunit;

namespace PciBus.Tests.Nemesis;

/// <summary>Virtual machines live, move and die while the processes and hosts of a cluster are killed and suspended.</summary>
public sealed partial class NemesisTests : IAsyncLifetime
{
    private const int Users = 6;
    private const int FewestFaultsInFlight = 15;
    private static readonly (int FewestLifeCycles, int FewestMigrations, int FaultsOfAKind, int FewestFaultsInMigrations) Size =
        Environment.GetEnvironmentVariable("PCIBUS_ALL") is null ? (60, 50, 3, 18) : (200, 200, 10, 60);

    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(3);
    private readonly Cluster _cluster = new(hosts: 5);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _cluster.StartAsync(_token);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Whatever_is_killed_or_suspended_no_device_is_lost_or_shared_and_every_job_ends()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PCIBUS_SEED"), out var given) ? given : Random.Shared.Next();
        var api = _cluster.Management[0].Api;
        var one = await TestScene.CreateAsync(api, "10GE", pciMigration: "DetachAttach");
        var two = await TestScene.CreateAsync(api, "10GE,10GE", offerHa: true, pciMigration: "DetachAttach");
        var residents = new Residents(_cluster);
        await residents.MoveInAsync(await TestScene.CreateAsync(api, "10GE", offerHa: true));
        var moves = new Moves(_cluster.AnyServer, seed);
        var lives = new LifeCycles(_cluster.AnyServer, one.ZoneId, one.TemplateId, [one.OfferingId, two.OfferingId], moves);
        using var troubles = new Troubles(_cluster, new Random(seed), _token);
        var faults = new Faults(_cluster, residents, new Random(seed), _token);

        var striking = faults.RunAsync(timesEach: Size.FaultsOfAKind);
        bool IsOver() => striking.IsFaulted
            || (striking.IsCompleted && lives.Completed >= Size.FewestLifeCycles && moves.Completed >= Size.FewestMigrations);
        var troubling = troubles.RunAsync(IsOver);
        await lives.RunAsync(Users, IsOver);
        await striking;
        await troubling;

        var output = TestContext.Current.TestOutputHelper!;
        foreach (var kind in faults.Struck.GroupBy(fault => fault.Kind).OrderBy(kind => kind.Key))
        {
            var (inFlight, migrations) = (kind.Count(fault => fault.InFlight > 0), kind.Count(fault => fault.Migrations > 0));
            output.WriteLine($"{kind.Count()} x {kind.Key}, {inFlight} of them hit operations, {migrations} migrations");
        }

        output.WriteLine($"seed {seed}: {lives.Completed} life cycles, {lives.Refusals.Count} ended early");
        foreach (var refusal in lives.Refusals.GroupBy(text => text[(text.IndexOf(':', StringComparison.Ordinal) + 2)..]))
        {
            output.WriteLine($"  {refusal.Count()} x {refusal.Key}");
        }

        var inMigrations = faults.Struck.Count(fault => fault.Migrations > 0);
        output.WriteLine(
            $"{moves.Completed} migrations completed, {moves.RolledBack} failed and were rolled back, {moves.Cancelled} were cancelled, "
            + $"{moves.EndedOtherwise} ended otherwise; {inMigrations} faults with a migration in flight");
        output.WriteLine($"{moves.Hotplugs} devices were attached and detached again, {moves.HotplugFailures} were not; reasons of all:");
        foreach (var failure in moves.Failures.GroupBy(text => Varying().Replace(text, "*")).OrderByDescending(group => group.Count()))
        {
            output.WriteLine($"  {failure.Count()} x {failure.Key}");
        }

        await _cluster.EveryHostIsUpAsync(_token);
        await troubles.EndAsync();
        await ComesToRestAsync();
        var states = _cluster.Judge.Rows("SELECT count(*) || ' ' || state FROM vm_instance WHERE removed IS NULL GROUP BY state");
        output.WriteLine($"at rest: {string.Join(", ", states)}");
        output.WriteLine($"{faults.DeclaredDown} hosts were declared down; residents were started again {residents.Restarts} times");
        residents.AreWell(faults.DeclaredDown);
        await SweepAsync(api);
        await ComesToRestAsync();
        Assert.Empty(_cluster.Judge.Rows("""
            SELECT 'device ' || id || ' is not free' FROM op_host_pci_devices WHERE instance_id IS NOT NULL OR health <> 'Good'
            """));
        Assert.InRange(faults.Struck.Count(fault => fault.InFlight > 0), FewestFaultsInFlight, int.MaxValue);
        Assert.InRange(inMigrations, Size.FewestFaultsInMigrations, int.MaxValue);
    }

    [GeneratedRegex(@"\b(kvm|vm)\d+|[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.\d|[0-9a-f-]{36}|\b\d+(\.\d+)? s\b|i-\d+-\d+-VM")]
    private static partial Regex Varying();

    private Task ComesToRestAsync() => Condition.BecomesTrueAsync(
        () => Task.FromResult(_cluster.Judge.WrongsAtRest().Count == 0),
        Settled,
        () => string.Join('\n', _cluster.Judge.WrongsAtRest()),
        _token);

    /// <summary>Destroys the machines of requests whose answers were lost.</summary>
    private static async Task SweepAsync(ApiClient api)
    {
        var left = (JArray?)(await api.CallAsync("listVirtualMachines", ("page", 1), ("pagesize", 500)))["virtualmachine"] ?? [];
        foreach (var vm in left) await api.RunAsync("destroyVirtualMachine", ("id", (string)vm["id"]!), ("expunge", true));
    }
}
