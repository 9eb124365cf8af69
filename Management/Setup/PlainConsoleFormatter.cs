using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace PciBus.Management.Setup;

/// <summary>One short line per entry, for people at a terminal: the time, the level when it is not good news, the text.</summary>
internal sealed class PlainConsoleFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "plain";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(time.GetLocalNow().ToString("HH:mm:ss "));
        if (logEntry.LogLevel >= LogLevel.Warning) textWriter.Write($"{logEntry.LogLevel.ToString().ToUpperInvariant()} ");
        textWriter.WriteLine(OneLine(logEntry.Formatter(logEntry.State, logEntry.Exception)));
        if (logEntry.Exception is not null) textWriter.WriteLine(logEntry.Exception);
    }

    /// <summary>Names and reasons come from outside: none of them may write an entry of its own, or steer the terminal.</summary>
    private static string OneLine(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter)) : text;
}
