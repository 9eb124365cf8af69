using Xunit;

namespace PciBus.Tests.Simulation;

/// <summary>
/// A whole cluster in virtual time, with the code that runs in production. <c>PCIBUS_SEED=n</c> replays one seed and prints
/// its trace, <c>PCIBUS_SEEDS=n</c> says how many are run (from that one on, if both are given); <see cref="SeedPlan"/> says
/// which are run without them. <c>Tests/seeds</c> runs many.
/// </summary>
[Collection(nameof(Seeds))]
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int ReplayedSeed = 7;

    /// <summary>So many failed seeds are told of.</summary>
    private const int Told = 20;

    [Fact]
    public async Task EverySeed_KeepsEveryInvariant_AndSettles()
    {
        var plan = SeedPlan.Read(Environment.GetEnvironmentVariable);
        using var file = plan.File is null ? null : SeedFile.Open(plan.File);
        var first = plan.First ?? file?.FirstMissing ?? 1;
        // Seeds that are asked for by number run again, whatever the file says of them.
        Func<int, bool> isDone = plan.First is null && file is not null ? file.Has : _ => false;
        var cancellation = TestContext.Current.CancellationToken;
        var progress = new SeedProgress();
        var failed = new List<SeedResult>();
        var seeds = plan.Numbers(first, isDone, () => progress.Elapsed, cancellation);
        await foreach (var result in Seeds.RunAsync(seeds, seed => Seed.Run(seed)))
        {
            progress.Add(result);
            if (plan.IsReplay) output.WriteLine(result.Story());
            if (result.Problem is not null && failed.Count < Told) failed.Add(result);
            if (file is null) continue;
            file.Append(SeedLine.Of(result));
            if (progress.IsMinuteOver()) Console.WriteLine(progress.Line());
        }

        output.WriteLine(progress.Summary());
        Console.WriteLine(progress.Summary());
        if (file is not null)
        {
            Assert.True(progress.Failed == 0, $"{progress.Failed} seeds failed");
            return;
        }

        cancellation.ThrowIfCancellationRequested();
        Assert.True(progress.Failed == 0, string.Join("\n\n", failed.OrderBy(result => result.Seed).Select(
            (result, index) => result.Failure is null
                ? $"PCIBUS_SEED={result.Seed}: {result.Problem}"
                : result.Story(index == 0 ? 200 : 0))));
    }

    [Fact]
    public async Task ASeed_Replayed_GivesTheSameTrace()
    {
        var traces = new List<string>();
        await foreach (var result in Seeds.RunAsync([1, 2], _ => Seed.Run(ReplayedSeed))) traces.Add(result.Story());

        Assert.Equal(traces[0], traces[1]);
    }
}
