using System.Globalization;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Nemesis;

/// <summary>Two management servers: what one leaves, the other carries on; and one after the other may be restarted.</summary>
[OutOfProcess]
[OnlyInAll("minutes of processes")]
public sealed class FailoverTests : IAsyncLifetime
{
    private const int Machines = 16;
    private const int Migrations = 6;

    /// <summary>An idle machine's other server carries on within 10 seconds; the figure is printed.</summary>
    private static readonly TimeSpan AllDone = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Started = TimeSpan.FromSeconds(30);

    private readonly NemesisCluster _cluster = new(hosts: 2, startTime: "2s");
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _cluster.StartAsync(_token);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task WhatAKilledServerHadInHand_IsCarriedOnByTheOther()
    {
        var (dying, other) = (_cluster.Management[0], _cluster.Management[1]);
        var scene = await TestScene.CreateAsync(dying.Api, "10GE");
        var accepted = await Task.WhenAll(Enumerable.Range(1, Machines).Select(number => scene.RequestAsync($"vm{number}")));
        await dying.KillAsync();
        var inFlight = _cluster.InFlight();
        var killed = TimeProvider.System.GetTimestamp();

        await Patience.UntilAsync(() => _cluster.InFlight() == 0, AllDone, () => string.Join('\n', _cluster.Judge.WrongsAtRest()), _token);

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{inFlight} operations were under way; all were done {TimeProvider.System.GetElapsedTime(killed).TotalSeconds:0.0} s after the kill"));
        Assert.NotEqual(0, inFlight);
        foreach (var job in accepted) await other.Api.WaitAsync((string)job["jobid"]!);
        Assert.Equal([$"{Machines}"], _cluster.Judge.Rows("SELECT '' || count(*) FROM vm_instance WHERE state = 'Running'"));
    }

    [Fact]
    public async Task MigrationsThatAKilledServerHadInHand_AreCarriedOnByTheOther()
    {
        var (dying, other) = (_cluster.Management[0], _cluster.Management[1]);
        var scene = await TestScene.CreateAsync(dying.Api, "10GE", pciMigration: "DetachAttach");
        var hosts = (await dying.Api.CallAsync("listHosts"))["host"]!.ToDictionary(host => (string)host["name"]!, host => (string)host["id"]!);
        var vms = new List<string>();
        while (vms.Count < Migrations) vms.Add((string)(await scene.DeployAsync($"vm{vms.Count}", hosts["kvm1"]))["virtualmachine"]!["id"]!);
        var accepted = await Task.WhenAll(vms.Select(vm =>
            dying.Api.CallAsync("migrateVirtualMachine", ("virtualmachineid", vm), ("hostid", hosts["kvm2"]))));
        await dying.KillAsync();
        Assert.NotEqual(0, _cluster.InFlight());

        foreach (var job in accepted) await other.Api.WaitAsync((string)job["jobid"]!);

        Assert.Equal([$"{Migrations}"], _cluster.Judge.Rows(
            "SELECT '' || count(*) FROM vm_instance v JOIN host h ON h.id = v.host_id WHERE v.state = 'Running' AND h.name = 'kvm2'"));
        await _cluster.Judge.RestsAsync(AllDone, _token);
    }

    [Fact]
    public async Task RollingRestart_DisturbsNoWorkflow()
    {
        var scene = await TestScene.CreateAsync(_cluster.Management[0].Api, "10GE", pciMigration: "DetachAttach");
        var lives = new LifeCycles([.. _cluster.Management.Select(server => server.Api)], scene.ZoneId, scene.TemplateId, [scene.OfferingId]);
        var restarted = false;
        var living = lives.RunAsync(users: 4, () => restarted);
        foreach (var server in _cluster.Management)
        {
            var before = lives.Completed;
            await Patience.UntilAsync(
                () => lives.Completed > before || lives.Refusals.Count > 0, AllDone, _cluster.LastSeen, _token, "a life is completed");
            Assert.Equal(0, await server.InterruptAsync(_token));
            server.Launch();
            var launched = TimeProvider.System.GetTimestamp();
            await Patience.UntilAsync(
                async () => (await server.Api.CallAsync("listZones")).HasValues, Started, () => server.LastLines, _token);
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"a server answers {TimeProvider.System.GetElapsedTime(launched).TotalSeconds:0.0} s after its start"));
        }

        restarted = true;
        await living;

        Assert.Equal([], lives.Refusals);
        await _cluster.Judge.RestsAsync(AllDone, _token);
    }
}
