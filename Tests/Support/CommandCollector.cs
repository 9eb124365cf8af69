using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Diagnostics;
using PciBus.Management.Persistence;

namespace PciBus.Tests.Support;

/// <summary>
/// Collects the text of every command that production code executes, in all suites. What a process collected is written to
/// a file when it ends, for the query catalogue of another process.
/// </summary>
internal sealed partial class CommandCollector : DbCommandInterceptor
{
    private static readonly ConcurrentDictionary<string, byte> Seen = new();
    private static readonly ConcurrentDictionary<string, byte> Texts = new();

    static CommandCollector() => AppDomain.CurrentDomain.ProcessExit += (_, _) => WriteFile();

    private CommandCollector()
    {
    }

    public static CommandCollector Instance { get; } = new();

    /// <summary>In a command that a test executes over production's connection: it is not collected.</summary>
    public static string OfATest => "of a test";

    /// <summary>What this process has executed so far, normalised.</summary>
    public static IEnumerable<string> Collected => Texts.Keys;

    /// <summary>The files of other processes that ran the same build of management.</summary>
    public static IEnumerable<string> CollectedElsewhere => Directory.Exists(Folder)
        ? Directory.EnumerateFiles(Folder, "*.sql").SelectMany(CommandTexts.Read)
        : [];

    private static string Folder => Checkout.PathOf(
        "artifacts", "commands", typeof(PciBusDbContext).Assembly.ManifestModule.ModuleVersionId.ToString("N"));

    public override InterceptionResult<DbDataReader> ReaderExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        Collect(command);
        return result;
    }

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Collect(command);
        return ValueTask.FromResult(result);
    }

    public override InterceptionResult<int> NonQueryExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result)
    {
        Collect(command);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Collect(command);
        return ValueTask.FromResult(result);
    }

    public override InterceptionResult<object> ScalarExecuting(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result)
    {
        Collect(command);
        return result;
    }

    public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default)
    {
        Collect(command);
        return ValueTask.FromResult(result);
    }

    private static void Collect(DbCommand command)
    {
        if (command.CommandText.Contains(OfATest, StringComparison.Ordinal)) return;
        if (Seen.TryAdd(command.CommandText, 0)) Texts.TryAdd(Normalise(command.CommandText), 0);
    }

    /// <summary>One text for all lengths of a list, and for all sets of columns that were changed.</summary>
    private static string Normalise(string text)
    {
        text = text.Trim().TrimEnd(';').Replace("\r\n", "\n", StringComparison.Ordinal);
        text = ParameterList().Replace(text, "IN ($1)");
        return ChangedColumns().IsMatch(text) ? NumberedParameter().Replace(ChangedColumns().Replace(text, "$1...\n"), "@p") : text;
    }

    private static void WriteFile()
    {
        if (Texts.IsEmpty) return;
        Directory.CreateDirectory(Folder);
        CommandTexts.Write(Path.Combine(Folder, $"{Environment.ProcessId}.sql"), Texts.Keys);
    }

    [GeneratedRegex(@"IN \((@\w+)(?:, @\w+)+\)")]
    private static partial Regex ParameterList();

    /// <summary>An update of tracked rows; one of ExecuteUpdate has an alias behind its table.</summary>
    [GeneratedRegex("^(UPDATE \"\\w+\" SET )\"(?s:.*?)\\n(?=WHERE )")]
    private static partial Regex ChangedColumns();

    [GeneratedRegex(@"@p\d+")]
    private static partial Regex NumberedParameter();
}
