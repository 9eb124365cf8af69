using System.Text.Json;

namespace PciBus.Tests.Runner;

/// <summary>
/// Reads what the test program reports while it runs: one line of JSON per message (xunit's json reporter), and between them
/// lines that tests print.
/// </summary>
internal sealed class TestMessages
{
    private readonly Dictionary<string, (string CaseId, string Name)> _running = [];
    private readonly List<TestResult> _results = [];

    /// <summary>Tests that have ended, in order; a failed clean-up counts as a failed test.</summary>
    public IReadOnlyList<TestResult> Results => _results;

    /// <summary>Tests that have begun and not ended.</summary>
    public IEnumerable<(string CaseId, string Name)> Running => _running.Values;

    /// <returns>The result that the line brings; null when it brings none.</returns>
    /// <param name="line">A line of the test program.</param>
    /// <param name="isMessage">False when the line was printed by a test.</param>
    public TestResult? Read(string line, out bool isMessage)
    {
        isMessage = line.StartsWith("{\"$type\":", StringComparison.Ordinal);
        if (!isMessage) return null;
        using var document = JsonDocument.Parse(line);
        var message = document.RootElement;
        var type = Text(message, "$type");
        var result = type switch
        {
            "test-starting" => Begin(message),
            "test-passed" => End(message, TestOutcome.Passed),
            "test-failed" => End(message, TestOutcome.Failed),
            "test-skipped" or "test-not-run" => End(message, TestOutcome.Skipped),
            "error-message" => Failure(message, "the test program"),
            _ when type.EndsWith("cleanup-failure", StringComparison.Ordinal) => Failure(message, type),
            _ => null,
        };
        if (result is not null) _results.Add(result);
        return result;
    }

    private TestResult? Begin(JsonElement message)
    {
        _running[Text(message, "TestUniqueID")] = (Text(message, "TestCaseUniqueID"), Text(message, "TestDisplayName"));
        return null;
    }

    private TestResult End(JsonElement message, TestOutcome outcome)
    {
        _running.Remove(Text(message, "TestUniqueID"), out var test);
        var said = outcome == TestOutcome.Skipped ? Text(message, "Reason") : Texts(message, "Messages");
        var seconds = message.TryGetProperty("ExecutionTime", out var time) ? time.GetDouble() : 0;
        return new TestResult(
            Text(message, "TestCaseUniqueID"), test.Name ?? "", outcome, said, Texts(message, "StackTraces"), Text(message, "Output"), seconds);
    }

    private static TestResult Failure(JsonElement message, string where) => new(
        Text(message, "TestCaseUniqueID"), where, TestOutcome.Failed, Texts(message, "Messages"), Texts(message, "StackTraces"));

    private static string Text(JsonElement message, string name) =>
        message.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static string Texts(JsonElement message, string name) =>
        message.TryGetProperty(name, out var values) && values.ValueKind == JsonValueKind.Array
            ? string.Join('\n', values.EnumerateArray().Select(value => value.GetString()))
            : "";
}
