using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>
/// One of the first 300 seeds finds every bug that is planted; by which, and after how long, is printed. The seed that found it last is
/// tried first: the others, when it does not any more.
/// </summary>
[Collection(nameof(Seeds))]
public sealed class PlantedBugTests(ITestOutputHelper output)
{
    /// <summary>No more seeds than this look for a bug.</summary>
    private const int Most = 300;
    private const int LongestLine = 300;

    /// <summary>Bugs of migration and maintenance, each with the seed that found it last: how surely they are found is measured.</summary>
    private static readonly (Func<PlantedBug> Plant, int FoundBy)[] Measured =
    [
        (() => new SourceFreedEarly(), 1),
        (() => new SilentDestinationBelievedOff(), 1),
        (() => new OverdueMigrationRestarted(), 1),
        (() => new LateRemovalForgotten(), 1),
        (() => new IncomingCountedAsRunning(), 41),
        (() => new FailureBelievedFromAMissingDomain(), 1),
        (() => new PausedSourceBelievedOff(), 1),
        (() => new UnknownDestinationBelievedOff(), 1),
        (() => new SilentSourceBelievedOff(), 2),
        (() => new DestinationFreedOnSilence(), 13),
        (() => new LeavingOverlooked(), 16),
        (() => new MaintenanceTakesOn(), 4),
    ];

    /// <summary>Each with the seed that found it last.</summary>
    private static readonly (Func<PlantedBug> Plant, int FoundBy)[] Bugs =
    [
        .. Measured,
        (() => new AlertsStand(), 1),
        (() => new SessionIgnored(), 5),
        (() => new HalfOfAClaimKept(), 17),
        (() => new ReleaseByAddress(), 1),
        (() => new NoVersionCheck(), 8),
        (() => new StaleReportApplied(), 3),
        (() => new CommandNumberIgnored(), 4),
        (() => new FencingUnasked(), 2),
        (() => new OutboxRowLost(), 1),
        (() => new RepeatCarriedOutAgain(), 35),
        (() => new DirtIgnored(), 8),
        (() => new ReportFrees(), 1),
        (() => new ReleaseOnTimeout(), 3),
        (() => new OldAnswerBelieved(), 7),
        (() => new ForceMeansOff(), 8),
        (() => new RetryWithoutOff(), 1),
        (() => new ReleasedTooSoon(), 3),
        (() => new SettleBelievesReport(), 9),
        (() => new SightingIgnored(), 5),
        (() => new RestoreNotNoticed(), 11),
        (() => new AnyDomainBelieved(), 103),
        (() => new SightingEndedBySilence(), 5),
        (() => new SightingEndedByMissingSection(), 21),
        (() => new DownOfAHeardMachine(), 6),
        (() => new MachineIgnored(), 5),
        (() => new AnyCopyEnded(), 2),
        (() => new ReportTakenForKnown(), 79),
        (() => new FailedStartUnderWay(), 4),
        (() => new UnsettledAlertsStand(), 56),
        (() => new CapacityKept(), 1),
    ];

    [Fact]
    public async Task EveryPlantedBug_IsFoundByASeed()
    {
        if (PlantedBugTable.IsWanted)
        {
            await PlantedBugTable.PrintAsync([.. Measured.Select(bug => bug.Plant)]);
            return;
        }

        var found = new List<SeedResult>();
        await foreach (var (result, time) in Seeds.RunAsync(Enumerable.Range(0, Bugs.Length), index => FirstToFind(Bugs[index].Plant, Bugs[index].FoundBy)))
        {
            found.Add(result);
            var story = result.Failure is null ? "NOT FOUND" : $"seed {result.Seed}: {Cut(result.Failure.Message)}";
            var line = string.Create(CultureInfo.InvariantCulture, $"{result.Bug}, {time.TotalSeconds:f1} s: {story}");
            output.WriteLine(line);
            Console.WriteLine(line);
        }

        Assert.Empty(found.Where(result => result.Failure is null).Select(result => result.Bug));
    }

    /// <summary>A finding may tell the whole state of a host.</summary>
    private static string Cut(string message) => message.Length > LongestLine ? $"{message[..LongestLine]}..." : message;

    /// <summary>A bug remembers what it has seen, so each seed gets a new one.</summary>
    private static (SeedResult Result, TimeSpan Time) FirstToFind(Func<PlantedBug> plant, int foundBy)
    {
        var clock = Stopwatch.StartNew();
        var result = Seed.Run(foundBy, plant());
        for (var seed = 1; result.Failure is null && seed <= Most; seed++) result = Seed.Run(seed, plant());
        return (result, clock.Elapsed);
    }
}
