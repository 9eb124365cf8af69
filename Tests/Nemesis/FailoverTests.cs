using System.Globalization;
using PciBus.Tests.EndToEnd;
using Xunit;

namespace PciBus.Tests.Nemesis;

/// <summary>Two management servers: what one leaves, the other carries on; and one after the other may be restarted.</summary>
public sealed class FailoverTests : IAsyncLifetime
{
    private const int Machines = 16;

    /// <summary>It carries on within 10 seconds; this is until all of it is done, on a machine that does other things too.</summary>
    private static readonly TimeSpan AllDone = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Started = TimeSpan.FromSeconds(90);

    private readonly Cluster _cluster = new(hosts: 2, startTime: "2s", apiTimeout: 60);
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

        await Condition.BecomesTrueAsync(
            () => Task.FromResult(_cluster.InFlight() == 0), AllDone, () => string.Join('\n', _cluster.Judge.WrongsAtRest()), _token);

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{inFlight} operations were under way; all were done {TimeProvider.System.GetElapsedTime(killed).TotalSeconds:0.0} s after the kill"));
        Assert.NotEqual(0, inFlight);
        foreach (var job in accepted) await other.Api.WaitAsync((string)job["jobid"]!);
        Assert.Equal([$"{Machines}"], _cluster.Judge.Rows("SELECT '' || count(*) FROM vm_instance WHERE state = 'Running'"));
    }

    [Fact]
    public async Task RollingRestart_DisturbsNoWorkflow()
    {
        var scene = await TestScene.CreateAsync(_cluster.Management[0].Api, "10GE");
        var lives = new LifeCycles(_cluster.AnyServer, scene.ZoneId, scene.TemplateId, [scene.OfferingId]);
        var restarted = false;
        var living = lives.RunAsync(users: 4, () => restarted);
        foreach (var server in _cluster.Management)
        {
            var before = lives.Completed;
            await Condition.BecomesTrueAsync(() => Task.FromResult(lives.Completed > before), AllDone, () => "nothing lives", _token);
            Assert.Equal(0, await server.InterruptAsync(_token));
            server.Launch();
            var launched = TimeProvider.System.GetTimestamp();
            await Condition.BecomesTrueAsync(
                async () => await server.Api.TryCallAsync("listZones") is not null, Started, () => server.Output, _token);
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"a server answers {TimeProvider.System.GetElapsedTime(launched).TotalSeconds:0.0} s after its start"));
        }

        restarted = true;
        await living;

        Assert.Equal([], lives.Refusals);
        await Condition.BecomesTrueAsync(
            () => Task.FromResult(_cluster.Judge.WrongsAtRest().Count == 0), AllDone, () => string.Join('\n', _cluster.Judge.WrongsAtRest()), _token);
    }
}
