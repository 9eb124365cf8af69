using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace PciBus.Tests.Simulation;

/// <summary>
/// A whole cluster in virtual time, with the code that runs in production. <c>PCIBUS_SEED=n</c> replays one seed and prints
/// its trace, <c>PCIBUS_SEEDS=n</c> says how many are run (from that one on, if both are given), <c>PCIBUS_ALL=1</c> runs ten
/// thousand.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int ReplayedSeed = 7;

    [Fact]
    public async Task EverySeed_KeepsEveryInvariant_AndSettles()
    {
        var clock = Stopwatch.StartNew();
        var first = Number("PCIBUS_SEED", 0);
        var isReplay = first > 0 && Number("PCIBUS_SEEDS", 1) == 1;
        var tally = new Tally();
        var failed = new List<SeedResult>();
        var quiet = new List<string>();
        await foreach (var result in Seeds.RunAsync(Math.Max(first, 1), isReplay ? 1 : Seeds.Count, seed => Seed.Run(seed)))
        {
            tally.Add(result.Tally);
            if (isReplay) output.WriteLine(result.Story());
            if (result.Failure is not null) failed.Add(result);
            else if (result.Tally is not { Operations: >= 60, Crashes: >= 5, Faults: >= 10 }) quiet.Add($"seed {result.Seed}: {result.Tally}");
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{tally}\n{clock.Elapsed.TotalSeconds:f0} s of wall time"));
        Assert.Empty(quiet);
        Assert.True(failed.Count == 0, string.Join("\n\n", failed.OrderBy(result => result.Seed).Take(20).Select((result, index) => result.Story(index == 0 ? 200 : 0))));
    }

    [Fact]
    public async Task ASeed_Replayed_GivesTheSameTrace()
    {
        var traces = new List<string>();
        await foreach (var result in Seeds.RunAsync(0, 2, _ => Seed.Run(ReplayedSeed))) traces.Add(result.Story());

        Assert.Equal(traces[0], traces[1]);
    }

    private static int Number(string variable, int absent) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : absent;
}
