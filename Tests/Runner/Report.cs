namespace PciBus.Tests.Runner;

/// <summary>What a run prints at its end: its last 60 lines tell all that a reader of a red run needs.</summary>
internal static class Report
{
    /// <summary>Failed tests that are named one by one; more come from one cause, which these show.</summary>
    private const int MostNamed = 45;

    /// <summary>One line of a suite.</summary>
    public static string LineOf(SuiteRun run)
    {
        var verdict = Verdict.Of([run]);
        var flaky = verdict.Flaky.Count > 0 ? $", {verdict.Flaky.Count} flaky" : "";
        return $"{run.Name}: {verdict.Passed} passed, {verdict.Failed.Count} failed, {verdict.Skipped} skipped{flaky} in {run.Seconds:0} s";
    }

    /// <summary>The whole end.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<(string Part, SuiteRun Run)> runs)
    {
        var verdict = Verdict.Of([.. runs.Select(run => run.Run)]);
        yield return "== minutes";
        foreach (var part in runs.GroupBy(run => run.Part))
        {
            yield return $"{part.Key}: {part.Sum(run => run.Run.Seconds) / 60:0.0} ("
                + string.Join(", ", part.Select(run => $"{run.Run.Name} {run.Run.Seconds / 60:0.0}")) + ")";
        }

        yield return $"all: {runs.Sum(run => run.Run.Seconds) / 60:0.0}";
        foreach (var reason in runs.SelectMany(run => run.Run.Results).Where(result => result.Outcome == TestOutcome.Skipped).GroupBy(result => result.Message))
        {
            yield return $"skipped: {reason.Count()} ({reason.Key}), as {reason.First().Name}";
        }

        foreach (var flaky in verdict.Flaky) yield return $"flaky: {flaky.Line}";
        if (verdict.Flaky.Count > Verdict.MostFlaky) yield return $"More than {Verdict.MostFlaky} are flaky: that is no accident";
        foreach (var failure in verdict.Failed.Take(MostNamed)) yield return $"FAILED {failure.Line}";
        if (verdict.Failed.Count > MostNamed) yield return $"and {verdict.Failed.Count - MostNamed} more, in the logs";
        if (verdict.Passed == 0) yield return "No test passed: that proves nothing";
        yield return $"{verdict.Passed} passed, {verdict.FailedCount} failed, {verdict.Skipped} skipped";
    }
}
