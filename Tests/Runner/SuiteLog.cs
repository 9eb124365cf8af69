namespace PciBus.Tests.Runner;

/// <summary>The log of one suite: everything goes into its file, and what a reader waits for to the console.</summary>
internal sealed class SuiteLog : IDisposable
{
    /// <summary>Lines that one test may write to the console.</summary>
    private const int MostLines = 40;

    /// <summary>What a test prints of the servers it found stands at the beginning of these lines; the last is that of a table.</summary>
    private static readonly string[] Told =
        ["broker: ", "PostgreSQL for the tests: ", "SQL Server for the tests: ", "agent: ", "No container of ", "|"];

    private readonly StreamWriter _file;

    public SuiteLog(string path)
    {
        Path = path;
        _file = new StreamWriter(path) { AutoFlush = true };
    }

    public string Path { get; }

    public void Write(string line)
    {
        _file.WriteLine(line);
        if (Told.Any(begin => line.StartsWith(begin, StringComparison.Ordinal))) Console.WriteLine(line);
    }

    public void Write(TestResult result)
    {
        var text = $"[{result.Outcome}] {result.Name} ({result.Seconds:0.0} s)";
        foreach (var part in (string[])[result.Message, result.Detail, result.Output])
        {
            if (part.Length > 0) text += $"\n  {string.Join("\n  ", part.TrimEnd().Split('\n'))}";
        }

        _file.WriteLine(text);
        if (result.Outcome == TestOutcome.Failed || (result.Outcome == TestOutcome.Passed && result.Output.Length > 0))
        {
            var lines = text.Split('\n');
            Console.WriteLine(string.Join('\n', lines.Take(MostLines)));
            if (lines.Length > MostLines) Console.WriteLine($"  ... {lines.Length - MostLines} more lines in {Path}");
        }
    }

    public void Dispose() => _file.Dispose();
}
