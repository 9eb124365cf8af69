using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using PciBus.Management.Persistence;

namespace PciBus.Management.Setup;

/// <summary>
/// One short line per entry, for people at a terminal: the time, the level when it is not good news, the text. When the database cannot be
/// used, every part of the server that needs it logs that: each such line is shown once a minute, without a stack.
/// </summary>
internal sealed class PlainConsoleFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "plain";
    private static readonly TimeSpan Once = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<(string Category, string? Event), long> _told = [];

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var trouble = DatabaseTrouble.Of(logEntry.Exception);
        if (trouble is not null && !IsDue((logEntry.Category, logEntry.EventId.Name))) return;
        textWriter.Write(time.GetLocalNow().ToString("HH:mm:ss "));
        if (logEntry.LogLevel >= LogLevel.Warning) textWriter.Write($"{logEntry.LogLevel.ToString().ToUpperInvariant()} ");
        textWriter.Write(logEntry.Formatter(logEntry.State, logEntry.Exception));
        textWriter.WriteLine(trouble is null ? "" : $" (the database cannot be used now: {trouble})");
        if (logEntry.Exception is not null && trouble is null) textWriter.WriteLine(logEntry.Exception);
    }

    private bool IsDue((string, string?) entry)
    {
        var now = time.GetTimestamp();
        if (_told.TryGetValue(entry, out var last) && time.GetElapsedTime(last, now) < Once) return false;
        _told[entry] = now;
        return true;
    }
}
