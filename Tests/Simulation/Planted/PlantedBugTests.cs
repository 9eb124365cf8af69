using System.Globalization;
using Xunit;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>Every bug that is planted is found by one of the seeds that prove the product, and by which is printed.</summary>
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    private static readonly Func<PlantedBug>[] Bugs =
    [
        () => new ReleaseByAddress(),
        () => new HalfOfAClaimKept(),
        () => new NoVersionCheck(),
        () => new StaleReportApplied(),
        () => new SessionIgnored(),
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
        () => new FencingUnasked(),
        () => new RestoreNotNoticed(),
        () => new SourceFreedEarly(),
        () => new SilentDestinationBelievedOff(),
        () => new OverdueMigrationRestarted(),
        () => new LateRemovalForgotten(),
    ];

    [Fact]
    public async Task EveryPlantedBug_IsFoundByASeed()
    {
        var found = new List<SeedResult>();
        await foreach (var result in Seeds.RunAsync(0, Bugs.Length, index => FirstToFind(Bugs[index])))
        {
            found.Add(result);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{result.Bug}: {(result.Failure is null ? "NOT FOUND" : $"seed {result.Seed}: {result.Failure.Message}")}"));
        }

        Assert.Empty(found.Where(result => result.Failure is null).Select(result => result.Bug));
    }

    /// <summary>A bug remembers what it has seen, so each seed gets a new one.</summary>
    private static SeedResult FirstToFind(Func<PlantedBug> bug)
    {
        for (var seed = 1; ; seed++)
        {
            var result = Seed.Run(seed, bug());
            if (result.Failure is not null || seed >= Seeds.Count) return result;
        }
    }
}
