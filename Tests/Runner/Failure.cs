namespace PciBus.Tests.Runner;

/// <summary>A test that failed.</summary>
/// <param name="Log">The file that has the rest.</param>
internal sealed record Failure(string Suite, string Name, string Message, string Log)
{
    private const int Widest = 230;

    /// <summary>One line: suite, name, and as much of the message as a line holds.</summary>
    public string Line
    {
        get
        {
            var text = $"{Name}: {string.Join(" | ", Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))}";
            return $"{(text.Length > Widest ? text[..Widest] + "..." : text)} ({Log})";
        }
    }
}
