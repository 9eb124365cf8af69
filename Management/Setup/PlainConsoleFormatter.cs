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
        textWriter.WriteLine(logEntry.Formatter(logEntry.State, logEntry.Exception));
        if (logEntry.Exception is not null) textWriter.WriteLine(logEntry.Exception);
    }
}
