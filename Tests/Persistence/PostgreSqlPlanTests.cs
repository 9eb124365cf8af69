using System.Data.Common;
using System.Text.RegularExpressions;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Everything in the catalogue runs on PostgreSQL, and reads no big table from end to end there.</summary>
[OutOfProcess]
public sealed partial class PostgreSqlPlanTests
{
    [Fact]
    public async Task Query_ReadsNoBigTableFromEndToEnd()
    {
        PostgreSqlServer.Require();
        var commands = new CommandTextCollector();
        await Catalogue.RunEachAsync(DatabaseProvider.PostgreSql, commands);
        using var database = new PostgreSqlDatabase();
        database.Execute(await File.ReadAllTextAsync(
            Checkout.PathOf("Tests", "Persistence", "ManyRows.postgresql.sql"), TestContext.Current.CancellationToken));
        using var connection = database.Connect();
        Execute(connection, "SET plan_cache_mode = force_generic_plan");

        Assert.Equal(["host"], Scans(connection, "SELECT h.id FROM host AS h WHERE h.version = @p").Tables);
        var scans = commands.Texts.SelectMany(Statements)
            .Where(text => QueryPlanAllowances.Of(text) is null && QueryPlanAllowances.OnPostgreSql(text) is null && !text.StartsWith("INSERT", StringComparison.Ordinal))
            .Select(text => (Text: text, Plan: Scans(connection, text)))
            .Where(scan => scan.Plan.Tables.Count > 0)
            .Select(scan => $"{scan.Text}\n\n{scan.Plan.Text}")
            .ToList();

        Assert.True(scans.Count == 0, $"{scans.Count} queries read all of a big table:\n\n{string.Join("\n\n", scans)}");
    }

    /// <summary>A batch holds several.</summary>
    private static IEnumerable<string> Statements(string text) => text.Split(
        ';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static (string Text, List<string> Tables) Scans(DbConnection connection, string text)
    {
        var parameters = Parameter().Matches(text).Select(match => match.Value).Distinct().ToList();
        var numbered = Parameter().Replace(text, match => $"${parameters.IndexOf(match.Value) + 1}");
        Execute(connection, $"PREPARE looked_at AS {numbered}");
        var arguments = parameters.Count == 0 ? "" : $"({string.Join(", ", parameters.Select(_ => "NULL"))})";
        var plan = new List<string>();
        using (var command = connection.CreateCommand())
        {
            command.CommandText = $"EXPLAIN EXECUTE looked_at{arguments}";
            using var reader = command.ExecuteReader();
            while (reader.Read()) plan.Add(reader.GetString(0));
        }

        Execute(connection, "DEALLOCATE looked_at");
        return (
            string.Join('\n', plan),
            [.. plan.Select(line => Scan().Match(line)).Where(scan => scan.Success).Select(scan => scan.Groups["table"].Value)
                .Where(QueryCatalogueTests.BigTables.Contains)]);
    }

    private static void Execute(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    [GeneratedRegex(@"@\w+")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"Seq Scan on (?<table>\w+)")]
    private static partial Regex Scan();
}
