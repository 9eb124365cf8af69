using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using PciBus.Management;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;

namespace PciBus.Tests.Benchmarks;

/// <summary>What placements take.</summary>
internal static class PlacementBenchmark
{
    private const int WarmUp = 1000;

    /// <summary>Placements of one device per second at 1,000 hosts.</summary>
    public static async Task ThroughputAsync(int clients)
    {
        await Figure.MedianAsync($"placements of one device, 1000 hosts, {clients} clients", "1/s", async () =>
        {
            const int count = 3000;
            await using var scene = await Scene.CreateAsync(1000, 0, 0, count + WarmUp);
            var transactions = scene.Services.GetRequiredService<DatabaseTransactions>();
            var request = PciDeviceNames.ParseList("A");
            for (var vm = 1; vm <= WarmUp; vm++) await PlaceAsync(transactions, vm, request);
            var next = WarmUp;
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
            {
                for (var vm = Interlocked.Increment(ref next); vm <= count + WarmUp; vm = Interlocked.Increment(ref next))
                {
                    if (await PlaceAsync(transactions, vm, request) is { } refusal) throw new InvalidOperationException(refusal.Text);
                }
            })));
            return count / clock.Elapsed.TotalSeconds;
        });
    }

    /// <returns>What the placement alone took.</returns>
    public static async Task<PlacementTime> PlaceAndGiveBackAsync(Scene scene, PciDeviceNames request)
    {
        var transactions = scene.Services.GetRequiredService<DatabaseTransactions>();
        scene.Statements.Take();
        var started = Stopwatch.GetTimestamp();
        var refusal = await PlaceAsync(transactions, 1, request);
        var time = new PlacementTime(Stopwatch.GetElapsedTime(started).TotalMilliseconds, scene.Statements.Take().TotalMilliseconds);
        if (refusal is null) await transactions.RunAsync((Placement placement) => placement.GiveBackAsync(1), default);
        return time;
    }

    private static Task<Refusal?> PlaceAsync(DatabaseTransactions transactions, long vmId, PciDeviceNames request) =>
        transactions.RunAsync<Placement, Refusal?>(placement => placement.PlaceAsync(vmId, request), refusal => refusal is null, default);
}
