using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using PciBus.Management;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;

namespace PciBus.Tests.Benchmarks;

/// <summary>How long a placement takes, and that it does not take longer with more hosts.</summary>
internal static class PlacementBenchmark
{
    private const int Placements = 200;
    private const int WarmUp = 1000;
    private static readonly (string Name, string List)[] Offerings = [("1", "A"), ("2 equal", "A,A"), ("3 mixed", "A,B,C")];
    private static readonly (string Name, double Taken, double CpuFull)[] Fillings =
        [("free", 0, 0), ("95 % taken", 0.95, 0), ("all taken", 1, 0), ("free, CPU-full hosts first", 0, 0.5)];

    /// <summary>p50 at 100 and at 10,000 hosts, and their ratio.</summary>
    public static async Task FlatnessAsync()
    {
        foreach (var filling in Fillings)
        {
            foreach (var offering in Offerings)
            {
                var few = new List<double>();
                var many = new List<double>();
                for (var run = 0; run < Figure.Runs; run++)
                {
                    few.Add(await P50Async(100, filling.Taken, filling.CpuFull, offering.List));
                    many.Add(await P50Async(10_000, filling.Taken, filling.CpuFull, offering.List));
                }

                var name = $"placement p50, {offering.Name}, {filling.Name}";
                var small = Figure.Print($"{name}, 100 hosts", "ms", few);
                var large = Figure.Print($"{name}, 10000 hosts", "ms", many);
                Figure.Print($"{name}, 10000 hosts / 100 hosts", "ratio", [large / small]);
            }
        }
    }

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

    private static async Task<double> P50Async(int hosts, double taken, double cpuFull, string list)
    {
        await using var scene = await Scene.CreateAsync(hosts, taken, cpuFull, 2 * Placements);
        var transactions = scene.Services.GetRequiredService<DatabaseTransactions>();
        var request = PciDeviceNames.ParseList(list);
        var times = new List<double>();
        for (var vm = 1; vm <= 2 * Placements; vm++)
        {
            var started = Stopwatch.GetTimestamp();
            await PlaceAsync(transactions, vm, request);
            if (vm > Placements) times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return Figure.Median(times);
    }

    private static Task<Refusal?> PlaceAsync(DatabaseTransactions transactions, long vmId, PciDeviceNames request) =>
        transactions.RunAsync<Placement, Refusal?>(placement => placement.PlaceAsync(vmId, request), refusal => refusal is null, default);
}
