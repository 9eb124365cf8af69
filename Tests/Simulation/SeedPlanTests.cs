using Xunit;

namespace PciBus.Tests.Simulation;

public sealed class SeedPlanTests
{
    [Theory]
    [InlineData("", null, null, 100, 90, null, false)]
    [InlineData("PCIBUS_ALL=1", null, null, 500, 900, null, false)]
    [InlineData("PCIBUS_SEED=7", 7, 1, 0, 0, null, true)]
    [InlineData("PCIBUS_SEEDS=1", null, 1, 0, 0, null, false)]
    [InlineData("PCIBUS_SEED=7 PCIBUS_SEEDS=20 PCIBUS_ALL=1", 7, 20, 0, 0, null, false)]
    [InlineData("PCIBUS_SEED_FILE=f", null, null, 0, 3600, "f", false)]
    [InlineData("PCIBUS_SEED_FILE=f PCIBUS_SEED=7 PCIBUS_SEED_MINUTES=2", 7, null, 0, 120, "f", false)]
    public void Environment_SaysWhichSeeds(string variables, int? first, int? count, int least, int seconds, string? file, bool isReplay)
    {
        var values = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('='))
            .ToDictionary(one => one[0], one => one[1]);

        var plan = SeedPlan.Read(values.GetValueOrDefault);

        Assert.Equal(new SeedPlan(first, count, least, TimeSpan.FromSeconds(seconds), file), plan);
        Assert.Equal(isReplay, plan.IsReplay);
    }

    [Fact]
    public void Environment_ThatIsNoNumber_IsRefused() => Assert.Throws<FormatException>(() => SeedPlan.Read(_ => "seven"));

    [Theory]
    [InlineData(null, 0, 5)]
    [InlineData(null, 7, 7)]
    [InlineData(3, 0, 3)]
    [InlineData(8, 0, 8)]
    public void Numbers_LastForTheTime_ButAtLeastTheLeast_OrExactlyTheCount(int? count, int least, int expected)
    {
        var seconds = 0;
        var plan = new SeedPlan(null, count, least, TimeSpan.FromSeconds(5), null);

        var seeds = plan.Numbers(11, _ => false, () => TimeSpan.FromSeconds(seconds), TestContext.Current.CancellationToken)
            .Select(seed => (seed, seconds++).seed).ToList();

        Assert.Equal(Enumerable.Range(11, expected), seeds);
    }

    [Fact]
    public void Numbers_LeaveOutWhatIsDone()
    {
        var plan = new SeedPlan(null, 3, 0, default, null);

        Assert.Equal([1, 3, 5], plan.Numbers(1, seed => seed is 2 or 4, () => default, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Numbers_EndWhenCancelled()
    {
        using var source = new CancellationTokenSource();
        var plan = new SeedPlan(null, null, 100, TimeSpan.FromSeconds(5), null);

        var seeds = plan.Numbers(1, _ => false, () => default, source.Token).Select(seed =>
        {
            if (seed == 4) source.Cancel();
            return seed;
        });

        Assert.Equal([1, 2, 3, 4], seeds);
    }
}
