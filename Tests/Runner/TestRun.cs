using System.Diagnostics;

namespace PciBus.Tests.Runner;

/// <summary>
/// Runs one tier: first what runs inside the test program, suite by suite; then what needs a broker, a database server or processes,
/// one test at a time; benchmarks last.
/// </summary>
/// <param name="isAll">Whether the tests of the longer tier run too.</param>
/// <param name="suites">Names of the suites to run; none = all.</param>
/// <param name="results">Folder of the logs.</param>
internal sealed class TestRun(TestProgram tests, string benchmarks, bool isAll, IReadOnlyCollection<string> suites, string results)
{
    private const string OutOfProcess = "Runs=OutOfProcess";

    /// <summary>The query catalogue lies there and looks at what all suites before it have executed.</summary>
    private const string LastSuite = "Persistence";

    /// <summary>Each of its tests has a database of its own, and waits for no other: they need not run one at a time.</summary>
    private const string DatabaseSuite = "Persistence";

    private static readonly Dictionary<string, int> GateMinutes = new() { ["Simulation"] = 20, ["Persistence"] = 15, ["Bus"] = 15, ["EndToEnd"] = 15 };
    private static readonly Dictionary<string, int> AllMinutes = new()
    {
        ["Simulation"] = 45,
        ["Persistence"] = 15,
        ["Bus"] = 30,
        ["EndToEnd"] = 30,
        ["Nemesis"] = 60,
        ["Hypervisor"] = 30,
        ["Lab"] = 90,
        ["Benchmarks"] = 30,
    };

    private string[] Tier => isAll ? [] : ["-trait-", "Tier=All"];

    /// <returns>The runs, each under the part of the tier that it belongs to.</returns>
    public IReadOnlyList<(string Part, SuiteRun Run)> Run()
    {
        var runs = new List<(string, SuiteRun)>();
        foreach (var suite in SuitesOf("-trait-", OutOfProcess).OrderBy(suite => suite.Key == LastSuite))
        {
            runs.Add(("in process", RunSuite(suite, suite.Key, isAlone: false, "-trait-", OutOfProcess)));
        }

        foreach (var suite in SuitesOf("-trait", OutOfProcess))
        {
            runs.Add(("processes", RunSuite(suite, $"{suite.Key}.Processes", isAlone: true, "-trait", OutOfProcess)));
        }

        if (Wants("Benchmarks")) runs.Add(("benchmarks", RunBenchmarks()));
        return runs;
    }

    private bool Wants(string suite) => suites.Count == 0 || suites.Contains(suite);

    private IEnumerable<IGrouping<string, TestCase>> SuitesOf(params string[] filter) => tests.List([.. Tier, .. filter])
        .GroupBy(test => test.Suite).Where(suite => Wants(suite.Key)).OrderBy(suite => suite.Key, StringComparer.Ordinal);

    private SuiteRun RunSuite(IGrouping<string, TestCase> planned, string name, bool isAlone, params string[] filter)
    {
        var suite = planned.Key;
        Console.WriteLine($"== {name}");
        var began = Stopwatch.GetTimestamp();
        using var log = new SuiteLog(Path.Combine(results, $"{name}.log"));
        string[] chosen = [.. Tier, .. filter, "-namespace", $"PciBus.Tests.{suite}", "-namespace", $"PciBus.Tests.{suite}.*"];
        var found = tests.Run(LimitOf(suite), log, isAlone && suite != DatabaseSuite ? [.. chosen, "-parallelMode", "none"] : chosen).ToList();
        var ended = found.Select(result => result.CaseId).ToHashSet();
        found.AddRange(planned.Where(test => !ended.Contains(test.Id))
            .Select(test => new TestResult(test.Id, test.Name, TestOutcome.Failed, "It did not run: the test program ended before")));
        var second = isAlone ? TryAgain(suite, name, found) : new Dictionary<string, bool>();
        return Told(new SuiteRun(name, found, Stopwatch.GetElapsedTime(began).TotalSeconds, second, log.Path));
    }

    /// <summary>Runs what failed once more, each alone; what fails in numbers has a cause and is not tried again.</summary>
    private Dictionary<string, bool> TryAgain(string suite, string name, IReadOnlyList<TestResult> found)
    {
        var failed = found.Where(result => result is { Outcome: TestOutcome.Failed, CaseId.Length: > 0 }).Select(result => result.CaseId).Distinct().ToList();
        if (failed.Count is 0 or > Verdict.MostSecondTries) return [];
        Console.WriteLine($"== {name}, once more: {failed.Count}");
        using var log = new SuiteLog(Path.Combine(results, $"{name}.second-try.log"));
        return failed.ToDictionary(id => id, id => tests.Run(LimitOf(suite), log, "-id", id).All(result => result.Outcome != TestOutcome.Failed));
    }

    private SuiteRun RunBenchmarks()
    {
        Console.WriteLine("== Benchmarks");
        var began = Stopwatch.GetTimestamp();
        using var log = new SuiteLog(Path.Combine(results, "Benchmarks.log"));
        var program = new TestProgram(benchmarks);
        var result = program.RunPlain(LimitOf("Benchmarks"), log, isAll ? ["--once"] : ["flatness"]);
        return Told(new SuiteRun("Benchmarks", [result], Stopwatch.GetElapsedTime(began).TotalSeconds, new Dictionary<string, bool>(), log.Path));
    }

    /// <summary>A slower machine has more patience in this too.</summary>
    private TimeSpan LimitOf(string suite) =>
        TimeSpan.FromMinutes((isAll ? AllMinutes : GateMinutes).GetValueOrDefault(suite, 10) * Math.Max(1, RunOptions.Patience / RunOptions.DefaultPatience));

    private static SuiteRun Told(SuiteRun run)
    {
        Console.WriteLine(Report.LineOf(run));
        return run;
    }
}
