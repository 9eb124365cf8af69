using System.Diagnostics;
using System.Globalization;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>
/// How surely the simulation finds a bug: each is looked for in five runs that begin with other seeds, each until it is found and a
/// minute long at most. <c>Tests/seeds --planted</c> prints the table of docs/tests.md.
/// </summary>
internal static class PlantedBugTable
{
    private const int Runs = 5;
    private const int SeedsBetween = 1000;
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(1);

    public static bool IsWanted => Environment.GetEnvironmentVariable("PCIBUS_PLANTED_TABLE") == "1";

    public static async Task PrintAsync(IReadOnlyList<Func<PlantedBug>> bugs)
    {
        var finds = new List<(int Bug, string Name, double? Seconds)>();
        await foreach (var find in Seeds.RunAsync(Enumerable.Range(0, bugs.Count * Runs), number => Look(number / Runs, bugs[number / Runs], 1 + (number % Runs))))
        {
            finds.Add(find);
        }

        Console.WriteLine("| bug | found in | seconds until then |");
        Console.WriteLine("|---|---|---|");
        foreach (var bug in finds.GroupBy(find => find.Bug).OrderBy(bug => bug.Key))
        {
            var seconds = bug.Select(find => find.Seconds).OfType<double>().Order().Select(one => one.ToString("0.0", CultureInfo.InvariantCulture)).ToList();
            Console.WriteLine($"| {bug.First().Name} | {seconds.Count} of {Runs} | {string.Join(", ", seconds)} |");
        }
    }

    private static (int Bug, string Name, double? Seconds) Look(int bug, Func<PlantedBug> plant, int run)
    {
        var began = Stopwatch.StartNew();
        for (var seed = 1 + (run * SeedsBetween); began.Elapsed < Most; seed++)
        {
            if (Seed.Run(seed, plant()).Failure is not null) return (bug, plant().Name, began.Elapsed.TotalSeconds);
        }

        return (bug, plant().Name, null);
    }
}
