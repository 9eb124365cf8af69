using PciBus.Management.PciDevices;

namespace PciBus.Tests.Benchmarks;

/// <summary>That a placement does not take longer with more hosts.</summary>
internal static class FlatnessBenchmark
{
    private const int Placements = 200;

    /// <summary>Its limit is looked at whether figures are measured once or several times: the rounds stay.</summary>
    private const int Rounds = 3;

    /// <summary>p50 at many hosts may be so many times p50 at few: of the placement, and of its statements.</summary>
    private const double MostGrowth = 1.2;

    private static readonly (string Name, string List)[] Offerings = [("1", "A"), ("2 equal", "A,A"), ("3 mixed", "A,B,C")];
    private static readonly (string Name, double Taken, double CpuFull)[] Fillings =
        [("free", 0, 0), ("95 % taken", 0.95, 0), ("all taken", 1, 0), ("free, CPU-full hosts first", 0, 0.5)];

    private static readonly (string Name, Func<PlacementTime, double> Of)[] Times =
        [("placement", time => time.Total), ("statements of a placement", time => time.Statements)];

    /// <summary>p50 at 100 and at 10,000 hosts, and their ratio; the program ends with an error when one is over the limit.</summary>
    public static async Task RunAsync()
    {
        var place = ScenePlace.Memory;
        foreach (var filling in Fillings)
        {
            await using var few = await Scene.CreateAsync(100, filling.Taken, filling.CpuFull, 1, place);
            await using var many = await Scene.CreateAsync(10_000, filling.Taken, filling.CpuFull, 1, place);
            foreach (var offering in Offerings)
            {
                var name = $"{offering.Name}, {filling.Name}, {place.Name}";
                var request = PciDeviceNames.ParseList(offering.List);
                await P50Async(few, many, request);
                if (await GrowthAsync(few, many, request, name, Rounds) is not { } grown) continue;
                Console.WriteLine($"{grown}; measured again, in twice the rounds:");
                if (await GrowthAsync(few, many, request, name, 2 * Rounds) is not { } again) continue;
                await Console.Error.WriteLineAsync($"{again} twice: a placement takes longer with more hosts");
                Environment.ExitCode = 1;
            }
        }

        await DurableAsync();
    }

    /// <summary>Measures and prints.</summary>
    /// <returns>What is over the limit; null when nothing is.</returns>
    private static async Task<string?> GrowthAsync(Scene few, Scene many, PciDeviceNames request, string name, int rounds)
    {
        var times = new List<(PlacementTime Few, PlacementTime Many)>();
        for (var round = 0; round < rounds; round++) times.Add(await P50Async(few, many, request));
        var over = new List<string>();
        foreach (var (what, of) in Times)
        {
            var title = $"{what} p50, {name}";
            Figure.Print($"{title}, 100 hosts", "ms", [.. times.Select(time => of(time.Few))]);
            Figure.Print($"{title}, 10000 hosts", "ms", [.. times.Select(time => of(time.Many))]);
            var growth = Figure.Print(
                $"{title}, 10000 hosts / 100 hosts", "ratio", [.. times.Select(time => of(time.Many) / of(time.Few))]);
            if (growth > MostGrowth) over.Add(FormattableString.Invariant($"{title}: {growth:f2} times, {MostGrowth} at most"));
        }

        return over.Count == 0 ? null : string.Join("; ", over);
    }

    /// <summary>Both scenes in turns: whatever else the machine does meanwhile happens to both.</summary>
    private static async Task<(PlacementTime Few, PlacementTime Many)> P50Async(Scene few, Scene many, PciDeviceNames request)
    {
        var times = (Few: new List<PlacementTime>(), Many: new List<PlacementTime>());
        for (var i = 0; i < Placements; i++)
        {
            times.Few.Add(await PlacementBenchmark.PlaceAndGiveBackAsync(few, request));
            times.Many.Add(await PlacementBenchmark.PlaceAndGiveBackAsync(many, request));
        }

        return (PlacementTime.P50(times.Few), PlacementTime.P50(times.Many));
    }

    /// <summary>What the disk adds: it decides how long a durable placement takes, so there is no limit.</summary>
    private static async Task DurableAsync()
    {
        await using var scene = await Scene.CreateAsync(100, 0, 0, 1, ScenePlace.Disk);
        var request = PciDeviceNames.ParseList("A");
        await P50Async();
        await Figure.MedianAsync("placement p50, durable, 100 hosts", "ms", P50Async);
        await Figure.MedianAsync(
            "flush of the disk, 4 KiB, p50", "ms", () => Task.FromResult(DiskFlush.P50(ScenePlace.Disk.NewFolder(), 200)));

        async Task<double> P50Async()
        {
            var times = new List<PlacementTime>();
            for (var i = 0; i < Placements; i++) times.Add(await PlacementBenchmark.PlaceAndGiveBackAsync(scene, request));
            return PlacementTime.P50(times).Total;
        }
    }
}
