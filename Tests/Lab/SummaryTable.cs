using System.Globalization;

namespace PciBus.Tests.Lab;

/// <summary>What was run, how it ended, how long it took, and what was measured in it.</summary>
internal sealed class SummaryTable
{
    private readonly List<(string Number, string Name, bool Passed, TimeSpan Took, string Figures)> _lines = [];

    public bool AllPassed => _lines.Count > 1 && _lines.All(line => line.Passed);

    /// <summary>Runs a scenario; one that fails is a line too, and does not end the others unless nothing can go on.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="name">What it shows.</param>
    /// <param name="run">Gives what it measured.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(string number, string name, Func<CancellationToken, Task<string>> run, CancellationToken cancellationToken)
    {
        Console.WriteLine($"-- {number}: {name}");
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            var figures = await run(cancellationToken);
            _lines.Add((number, name, true, TimeProvider.System.GetElapsedTime(began), figures));
        }
        catch (Exception e) when (number != "0" && e is not OperationCanceledException)
        {
            Console.Error.WriteLine(e);
            _lines.Add((number, name, false, TimeProvider.System.GetElapsedTime(began), e.Message.Split('\n')[0]));
        }
    }

    public void Print(string versions)
    {
        Console.WriteLine();
        Console.WriteLine("| | scenario | result | seconds | measured |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var (number, name, passed, took, figures) in _lines)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {number} | {name} | {(passed ? "passed" : "FAILED")} | {took.TotalSeconds:0} | {figures} |"));
        }

        Console.WriteLine();
        Console.WriteLine(versions);
    }
}
