using System.Reflection;
using DbUp;
using DbUp.Engine;
using DbUp.Engine.Output;
using Microsoft.Data.Sqlite;

namespace PciBus.Management.Persistence;

/// <summary>Brings a database up to the scripts of <c>schema</c>, in their order, each in a transaction of its own.</summary>
internal static class SchemaInstaller
{
    /// <returns>The scripts that were run now.</returns>
    /// <exception cref="NotSupportedException">There are no scripts for the engine yet.</exception>
    public static IReadOnlyList<string> Upgrade(DatabaseOptions options)
    {
        if (options.Provider != DatabaseProvider.Sqlite)
        {
            throw new NotSupportedException($"There are no schema scripts for {options.Provider} in this version; Sqlite has them");
        }

        using (var connection = new SqliteConnection(options.ConnectionString))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL";
            command.ExecuteNonQuery();
        }

        var result = DeployChanges.To.SqliteDatabase(options.ConnectionString)
            .WithScripts(Scripts("sqlite"))
            .WithTransactionPerScript()
            .LogTo(new NoOpUpgradeLog())
            .Build()
            .PerformUpgrade();
        return result.Successful
            ? [.. result.Scripts.Select(script => script.Name)]
            : throw new InvalidOperationException($"{result.ErrorScript?.Name}: {result.Error.Message}", result.Error);
    }

    /// <summary>The scripts of an engine, in order.</summary>
    public static IReadOnlyList<SqlScript> Scripts(string engine)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var prefix = $"schema/{engine}/";
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return new SqlScript(name[prefix.Length..], reader.ReadToEnd());
            })];
    }
}
