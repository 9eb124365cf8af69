using PciBus.Tests.Runner;
using Xunit;
using TestResult = PciBus.Tests.Runner.TestResult;

namespace PciBus.Tests.Build;

/// <summary>What makes a run of the tests red, and what it says then.</summary>
public sealed class VerdictTests
{
    [Fact]
    public void FailureInProcess_IsRed()
    {
        var run = Run([Passed("a"), Failed("b")]);

        Assert.False(Verdict.Of([run]).IsGreen);
        Assert.Equal("1 passed, 1 failed, 0 skipped", Last(run));
    }

    [Fact]
    public void FailureThatPassesOnceMore_IsFlaky_AndGreen()
    {
        var run = Run([Passed("a"), Failed("b")], ("b", true));

        Assert.True(Verdict.Of([run]).IsGreen);
        Assert.Contains("flaky: b: broken (log)", Lines(run));
        Assert.Equal("2 passed, 0 failed, 0 skipped", Last(run));
    }

    [Fact]
    public void FailureThatFailsOnceMore_IsRed() => Assert.False(Verdict.Of([Run([Passed("a"), Failed("b")], ("b", false))]).IsGreen);

    [Fact]
    public void MoreThanTwoFlakyTests_AreRed()
    {
        var run = Run([Passed("a"), Failed("b"), Failed("c"), Failed("d")], ("b", true), ("c", true), ("d", true));

        Assert.False(Verdict.Of([run]).IsGreen);
        Assert.Equal("4 passed, 3 failed, 0 skipped", Last(run));
    }

    [Fact]
    public void NothingThatPassed_IsRed() =>
        Assert.False(Verdict.Of([Run([new TestResult("a", "a", TestOutcome.Skipped, "no Docker")])]).IsGreen);

    [Fact]
    public void LastLines_NameEveryFailedTest_WithItsMessage()
    {
        var runs = Enumerable.Range(1, 20).Select(number => ("part", Run([Failed($"test{number}")]))).ToList();

        var last = Report.Of(runs).TakeLast(60).ToList();

        Assert.All(Enumerable.Range(1, 20), number => Assert.Contains($"FAILED test{number}: broken (log)", last));
    }

    [Fact]
    public void LastLines_AreFew_HoweverMuchFails()
    {
        var run = Run([.. Enumerable.Range(1, 1000).Select(number => Failed($"test{number}"))]);

        Assert.InRange(Report.Of([("part", run)]).Count(), 1, 60);
        Assert.Contains("and 955 more, in the logs", Lines(run));
    }

    [Fact]
    public void SkippedTests_AreCountedByReason() => Assert.Contains(
        "skipped: 2 (no Docker), as a", Lines(Run([Skipped("a"), Skipped("b"), Passed("c")])));

    [Theory]
    [InlineData("""{"$type":"test-passed","TestCaseUniqueID":"1","TestUniqueID":"2","ExecutionTime":0.1,"Output":"said"}""", "a (Passed) ' said")]
    [InlineData("""{"$type":"test-failed","TestCaseUniqueID":"1","TestUniqueID":"2","ExecutionTime":0,"Messages":["x"],"StackTraces":[null]}""", "a (Failed) 'x ")]
    [InlineData("""{"$type":"test-skipped","TestCaseUniqueID":"1","TestUniqueID":"2","ExecutionTime":0,"Reason":"no Docker"}""", "a (Skipped) 'no Docker ")]
    [InlineData("""{"$type":"test-class-cleanup-failure","Messages":["x"],"StackTraces":["at"]}""", "test-class-cleanup-failure (Failed) 'x ")]
    public void Message_BringsAResult(string line, string expected)
    {
        var messages = new TestMessages();
        messages.Read("""{"$type":"test-starting","TestCaseUniqueID":"1","TestUniqueID":"2","TestDisplayName":"a"}""", out _);

        var result = messages.Read(line, out var isMessage)!;

        Assert.True(isMessage);
        Assert.Equal(expected, $"{result.Name} ({result.Outcome}) '{result.Message} {result.Output}");
    }

    [Fact]
    public void TestThatHasNotEnded_IsKnown()
    {
        var messages = new TestMessages();
        messages.Read("""{"$type":"test-starting","TestCaseUniqueID":"1","TestUniqueID":"2","TestDisplayName":"a"}""", out _);

        Assert.Null(messages.Read("a line that a test printed", out var isMessage));

        Assert.False(isMessage);
        Assert.Equal([("1", "a")], messages.Running);
    }

    [Fact]
    public void Argument_IsASuite_OrRefused()
    {
        string[] suites = ["Agent", "Bus"];
        Assert.Equal(["Bus"], RunOptions.Parse(["Bus", "--all"], suites).Suites);
        Assert.True(RunOptions.Parse(["--all"], suites).IsAll);
        var refused = Assert.Throws<FormatException>(() => RunOptions.Parse(["--al"], suites));
        Assert.Equal("\"--al\" is neither --all nor a suite: Agent, Bus", refused.Message);
    }

    private static TestResult Passed(string name) => new(name, name, TestOutcome.Passed);

    private static TestResult Failed(string name) => new(name, name, TestOutcome.Failed, "broken");

    private static TestResult Skipped(string name) => new(name, name, TestOutcome.Skipped, "no Docker");

    private static SuiteRun Run(IReadOnlyList<TestResult> results, params (string Case, bool Passed)[] secondTries) =>
        new("Suite", results, 1, secondTries.ToDictionary(second => second.Case, second => second.Passed), "log");

    private static List<string> Lines(SuiteRun run) => [.. Report.Of([("part", run)])];

    private static string Last(SuiteRun run) => Lines(run)[^1];
}
