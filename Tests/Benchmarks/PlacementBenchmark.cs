using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using PciBus.Management;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;

namespace PciBus.Tests.Benchmarks;

/// <summary>How long a placement takes, and that it does not take longer with more hosts.</summary>
internal static class PlacementBenchmark
{
    private const int WarmUp = 1000;

    /// <summary>p50 at many hosts may be so many times p50 at few.</summary>
    private const double MostGrowth = 1.2;

    private static readonly (string Name, string List)[] Offerings = [("1", "A"), ("2 equal", "A,A"), ("3 mixed", "A,B,C")];
    private static readonly (string Name, double Taken, double CpuFull)[] Fillings =
        [("free", 0, 0), ("95 % taken", 0.95, 0), ("all taken", 1, 0), ("free, CPU-full hosts first", 0, 0.5)];

    /// <summary>p50 at 100 and at 10,000 hosts, and their ratio; the program ends with an error when one is over the limit.</summary>
    public static async Task FlatnessAsync()
    {
        foreach (var filling in Fillings)
        {
            await using var few = await Scene.CreateAsync(100, filling.Taken, filling.CpuFull, 1);
            await using var many = await Scene.CreateAsync(10_000, filling.Taken, filling.CpuFull, 1);
            foreach (var offering in Offerings)
            {
                var request = PciDeviceNames.ParseList(offering.List);
                var rounds = new List<(double Few, double Many)>();
                for (var round = 0; round <= Figure.Runs; round++) rounds.Add(await P50Async(few, many, request));
                rounds.RemoveAt(0);
                var name = $"placement p50, {offering.Name}, {filling.Name}";
                Figure.Print($"{name}, 100 hosts", "ms", [.. rounds.Select(round => round.Few)]);
                Figure.Print($"{name}, 10000 hosts", "ms", [.. rounds.Select(round => round.Many)]);
                var growth = Figure.Print($"{name}, 10000 hosts / 100 hosts", "ratio", [.. rounds.Select(round => round.Many / round.Few)]);
                if (growth <= MostGrowth) continue;
                await Console.Error.WriteLineAsync($"{name} grows with the number of hosts: {growth:f2} times, {MostGrowth} at most");
                Environment.ExitCode = 1;
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

    /// <summary>Both scenes in turns: whatever else the machine does meanwhile happens to both.</summary>
    private static async Task<(double Few, double Many)> P50Async(Scene few, Scene many, PciDeviceNames request)
    {
        const int placements = 200;
        var times = (Few: new List<double>(), Many: new List<double>());
        for (var i = 0; i < placements; i++)
        {
            times.Few.Add(await PlaceAndGiveBackAsync(few, request));
            times.Many.Add(await PlaceAndGiveBackAsync(many, request));
        }

        return (Figure.Median(times.Few), Figure.Median(times.Many));
    }

    /// <returns>Milliseconds of the placement alone.</returns>
    private static async Task<double> PlaceAndGiveBackAsync(Scene scene, PciDeviceNames request)
    {
        var transactions = scene.Services.GetRequiredService<DatabaseTransactions>();
        var started = Stopwatch.GetTimestamp();
        var refusal = await PlaceAsync(transactions, 1, request);
        var time = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        if (refusal is null) await transactions.RunAsync((Placement placement) => placement.GiveBackAsync(1), default);
        return time;
    }

    private static Task<Refusal?> PlaceAsync(DatabaseTransactions transactions, long vmId, PciDeviceNames request) =>
        transactions.RunAsync<Placement, Refusal?>(placement => placement.PlaceAsync(vmId, request), refusal => refusal is null, default);
}
