using System.Diagnostics;
using System.Text.Json;

namespace PciBus.Tests.Runner;

/// <summary>The built test program, as a process.</summary>
/// <param name="path">Its file.</param>
internal sealed class TestProgram(string path)
{
    private static readonly TimeSpan ListTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Lists test cases without running them.</summary>
    /// <param name="filters">Arguments that choose among them.</param>
    public IReadOnlyList<TestCase> List(params string[] filters)
    {
        var text = new List<string>();
        Run(["-noLogo", "-list", "full/json", .. filters], ListTimeout, text.Add);
        var json = text.FirstOrDefault(line => line.StartsWith('['))
            ?? throw new InvalidOperationException($"{path} lists no tests:\n{string.Join('\n', text)}");
        using var document = JsonDocument.Parse(json);
        return
        [
            .. document.RootElement.EnumerateArray().Select(one => new TestCase(
                one.GetProperty("ID").GetString()!, one.GetProperty("DisplayName").GetString()!, one.GetProperty("Class").GetString()!)),
        ];
    }

    /// <summary>Runs test cases and reads their results.</summary>
    /// <param name="limit">After which the process is killed.</param>
    /// <param name="log">Takes every result, and every line that is no message.</param>
    /// <param name="arguments">What is run, and how.</param>
    /// <returns>
    /// The results. A test that had begun when the process ended counts as failed; so does a process that fails although no test did.
    /// </returns>
    public IReadOnlyList<TestResult> Run(TimeSpan limit, SuiteLog log, params string[] arguments)
    {
        var messages = new TestMessages();
        var code = Run(["-noLogo", "-noColor", "-reporter", "json", .. arguments], limit, line =>
        {
            var result = messages.Read(line, out var isMessage);
            if (result is not null) log.Write(result);
            else if (!isMessage) log.Write(line);
        });
        var results = messages.Results.ToList();
        var how = code is null ? $"it was killed after {limit.TotalMinutes:0} minutes" : $"the test program ended with {code}";
        results.AddRange(messages.Running.Select(test => new TestResult(test.CaseId, test.Name, TestOutcome.Failed, $"It has not ended: {how}")));
        if (code != 0 && results.All(result => result.Outcome != TestOutcome.Failed))
        {
            results.Add(new TestResult("", "the test program", TestOutcome.Failed, $"No test failed, but {how}"));
        }

        foreach (var result in results.Skip(messages.Results.Count)) log.Write(result);
        return results;
    }

    /// <summary>Runs a program that is one test by itself: its exit code is the result, and all it prints goes to the console too.</summary>
    public TestResult RunPlain(TimeSpan limit, SuiteLog log, params string[] arguments)
    {
        var name = Path.GetFileName(path);
        var last = "";
        var code = Run(arguments, limit, line =>
        {
            log.Write(last = line);
            Console.WriteLine(line);
        });
        return code == 0
            ? new TestResult("", name, TestOutcome.Passed)
            : new TestResult("", name, TestOutcome.Failed, code is null ? $"It was killed after {limit.TotalMinutes:0} minutes" : $"It ended with {code}: {last}");
    }

    /// <returns>The exit code; null when it was killed.</returns>
    private int? Run(IEnumerable<string> arguments, TimeSpan limit, Action<string> line)
    {
        var gate = new Lock();
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(path, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.OutputDataReceived += (_, data) => Keep(data.Data);
        process.ErrorDataReceived += (_, data) => Keep(data.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var ended = process.WaitForExit(limit);
        if (!ended) process.Kill(entireProcessTree: true);
        // A server that outlives the tests may hold their output open.
        process.WaitForExitAsync().Wait(DrainTimeout);
        return ended ? process.ExitCode : null;

        void Keep(string? text)
        {
            if (text is null) return;
            lock (gate) line(text);
        }
    }
}
