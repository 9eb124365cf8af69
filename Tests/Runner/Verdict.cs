namespace PciBus.Tests.Runner;

/// <summary>What a tier's runs come to.</summary>
/// <param name="Passed">Tests that passed, flaky ones among them.</param>
/// <param name="Failed">Tests that make the run red.</param>
/// <param name="Flaky">Test cases that failed and passed when they ran once more, alone.</param>
internal sealed record Verdict(int Passed, IReadOnlyList<Failure> Failed, IReadOnlyList<Failure> Flaky, int Skipped)
{
    /// <summary>So many flaky test cases in one run are bad luck; more are a defect.</summary>
    public const int MostFlaky = 2;

    /// <summary>More failures than this are no accident: the cases are not run once more.</summary>
    public const int MostSecondTries = 5;

    /// <summary>Flaky test cases count as failed when there are too many of them.</summary>
    public int FailedCount => Failed.Count + (Flaky.Count > MostFlaky ? Flaky.Count : 0);

    /// <summary>A run in which no test passed proves nothing.</summary>
    public bool IsGreen => Passed > 0 && FailedCount == 0;

    /// <summary>Weighs the suites of a run.</summary>
    public static Verdict Of(IReadOnlyList<SuiteRun> suites)
    {
        var passed = 0;
        var skipped = 0;
        var failed = new List<Failure>();
        var flaky = new List<Failure>();
        foreach (var suite in suites)
        {
            passed += suite.Results.Count(result => result.Outcome == TestOutcome.Passed);
            skipped += suite.Results.Count(result => result.Outcome == TestOutcome.Skipped);
            foreach (var result in suite.Results.Where(result => result.Outcome == TestOutcome.Failed))
            {
                var isFlaky = suite.SecondTries.TryGetValue(result.CaseId, out var second) && second;
                (isFlaky ? flaky : failed).Add(new Failure(suite.Name, result.Name, result.Message, suite.Log));
                if (isFlaky) passed++;
            }
        }

        return new Verdict(passed, failed, flaky, skipped);
    }
}
