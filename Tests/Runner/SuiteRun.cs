namespace PciBus.Tests.Runner;

/// <summary>A suite that has run.</summary>
/// <param name="Name">The folder under Tests/, and how its tests were run.</param>
/// <param name="Seconds">Wall time, second tries among it.</param>
/// <param name="SecondTries">For each test case that ran once more, alone, whether all of it passed then.</param>
/// <param name="Log">The file with everything the suite printed.</param>
internal sealed record SuiteRun(
    string Name, IReadOnlyList<TestResult> Results, double Seconds, IReadOnlyDictionary<string, bool> SecondTries, string Log);
