using System.Reflection;
using DbUp;
using DbUp.Builder;
using DbUp.Engine;
using DbUp.Engine.Output;
using Microsoft.Data.Sqlite;

namespace PciBus.Management.Persistence;

/// <summary>Brings a database up to the scripts of <c>schema</c>, in their order, each in a transaction of its own.</summary>
internal static class SchemaInstaller
{
    private const string Turn = "pcibus schema";

    /// <summary>The newest script that this program has; named alike for all engines.</summary>
    public static string Newest { get; } = Scripts(DatabaseProvider.Sqlite)[^1].Name;

    /// <summary>Which of the scripts the database has; nothing is changed.</summary>
    public static SchemaState Look(DatabaseOptions options) => Look(options, Scripts(options.Provider));

    /// <exception cref="SchemaException">A newer program has been here; both versions are named.</exception>
    public static void RequireKnown(DatabaseOptions options, SchemaState state) => state.RequireKnown(Scripts(options.Provider)[^1].Name);

    /// <summary>Several servers may call this at the same time: one of them upgrades, the others wait for it.</summary>
    /// <returns>The scripts that were run now.</returns>
    /// <exception cref="SchemaException">The database is newer than this program, or a script failed.</exception>
    public static IReadOnlyList<string> Upgrade(DatabaseOptions options) => Upgrade(options, Scripts(options.Provider));

    /// <inheritdoc cref="Upgrade(DatabaseOptions)"/>
    public static IReadOnlyList<string> Upgrade(DatabaseOptions options, IReadOnlyList<SqlScript> scripts)
    {
        if (options.Provider == DatabaseProvider.Sqlite) UseWriteAheadLog(options);
        var state = Look(options, scripts);
        state.RequireKnown(scripts[^1].Name);
        if (state.Pending.Count == 0) return [];
        if (options.Provider == DatabaseProvider.Sqlite && state.Version is { } version) DatabaseBackup.BesideItself(options, version);
        using var turn = TakeTurn(options);
        Look(options, scripts).RequireKnown(scripts[^1].Name);
        var result = Engine(options, scripts).PerformUpgrade();
        return result.Successful
            ? [.. result.Scripts.Select(script => script.Name)]
            : throw new SchemaException($"{result.ErrorScript?.Name}: {result.Error.Message}", result.Error);
    }

    /// <summary>The scripts of an engine, in order.</summary>
    public static IReadOnlyList<SqlScript> Scripts(DatabaseProvider provider)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var prefix = $"schema/{provider.ToString().ToLowerInvariant()}/";
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return new SqlScript(name[prefix.Length..], reader.ReadToEnd());
            })];
    }

    private static SchemaState Look(DatabaseOptions options, IReadOnlyList<SqlScript> scripts)
    {
        var engine = Engine(options, scripts);
        return new SchemaState(
            [.. engine.GetExecutedScripts().Order(StringComparer.Ordinal)],
            [.. engine.GetScriptsToExecute().Select(script => script.Name)],
            engine.GetExecutedButNotDiscoveredScripts());
    }

    private static UpgradeEngine Engine(DatabaseOptions options, IReadOnlyList<SqlScript> scripts) => To(options)
        .WithScripts(scripts)
        // Dollars are PostgreSQL's quotes.
        .WithVariablesDisabled()
        .WithTransactionPerScript()
        .LogTo(new NoOpUpgradeLog())
        .Build();

    private static UpgradeEngineBuilder To(DatabaseOptions options) => options.Provider switch
    {
        DatabaseProvider.Sqlite => DeployChanges.To.SqliteDatabase(options.ConnectionString),
        DatabaseProvider.PostgreSql => DeployChanges.To.PostgresqlDatabase(options.ConnectionString),
        DatabaseProvider.SqlServer => ToSqlServer(options),
    };

    private static UpgradeEngineBuilder ToSqlServer(DatabaseOptions options)
    {
        SqlServerCultures.Require();
        return DeployChanges.To.SqlDatabase(options.ConnectionString);
    }

    /// <summary>Servers that start together stand in line; a SQLite file belongs to one process at a time.</summary>
    private static IDisposable? TakeTurn(DatabaseOptions options) => options.Provider switch
    {
        DatabaseProvider.Sqlite => null,
        DatabaseProvider.PostgreSql => PostgreSqlLock.Take(options, Turn),
        DatabaseProvider.SqlServer => SqlServerLock.Take(options, Turn),
    };

    private static void UseWriteAheadLog(DatabaseOptions options)
    {
        using var connection = new SqliteConnection(options.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL";
        command.ExecuteNonQuery();
    }
}

/// <summary>A database that this program cannot work with; the message is one line that says why, and the remedy.</summary>
internal sealed class SchemaException(string message, Exception? inner = null) : Exception(message, inner);
