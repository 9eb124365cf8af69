using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>One of the first 300 seeds finds every bug that is planted; by which, and after how long, is printed.</summary>
[Collection(nameof(Seeds))]
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    /// <summary>No more seeds than this look for a bug.</summary>
    private const int Most = 300;

    private static readonly Func<PlantedBug>[] Bugs =
    [
        // Those that take longest come first, so that two that run at once end together.
        () => new SessionIgnored(),
        () => new FencingUnasked(),
        () => new HalfOfAClaimKept(),
        () => new ReleaseByAddress(),
        () => new NoVersionCheck(),
        () => new StaleReportApplied(),
        () => new CommandNumberIgnored(),
        () => new RepeatCarriedOutAgain(),
        () => new OutboxRowLost(),
        () => new OldAnswerBelieved(),
        () => new DirtIgnored(),
        () => new ReportFrees(),
        () => new ReleaseOnTimeout(),
        () => new RetryWithoutOff(),
        () => new ForceMeansOff(),
        () => new SettleBelievesReport(),
        () => new ReleasedTooSoon(),
        () => new RestoreNotNoticed(),
        () => new SightingIgnored(),
        () => new AnyCopyEnded(),
    ];

    [Fact]
    public async Task EveryPlantedBug_IsFoundByASeed()
    {
        var found = new List<SeedResult>();
        await foreach (var (result, time) in Seeds.RunAsync(Enumerable.Range(0, Bugs.Length), index => FirstToFind(Bugs[index])))
        {
            found.Add(result);
            var story = result.Failure is null ? "NOT FOUND" : $"seed {result.Seed}: {result.Failure.Message}";
            var line = string.Create(CultureInfo.InvariantCulture, $"{result.Bug}, {time.TotalSeconds:f1} s: {story}");
            output.WriteLine(line);
            Console.WriteLine(line);
        }

        Assert.Empty(found.Where(result => result.Failure is null).Select(result => result.Bug));
    }

    /// <summary>A bug remembers what it has seen, so each seed gets a new one.</summary>
    private static (SeedResult Result, TimeSpan Time) FirstToFind(Func<PlantedBug> bug)
    {
        var clock = Stopwatch.StartNew();
        for (var seed = 1; ; seed++)
        {
            var result = Seed.Run(seed, bug());
            if (result.Failure is not null || seed >= Most) return (result, clock.Elapsed);
        }
    }
}
