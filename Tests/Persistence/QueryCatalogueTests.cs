using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>
/// Every command that production code executes is known, uses an index, and is one that the other engines understand too:
/// <see cref="QueryTranslation"/> translates each query when it first runs, in every suite.
/// </summary>
public sealed partial class QueryCatalogueTests
{
    /// <summary>Tables that grow with hosts, devices, virtual machines or time.</summary>
    internal static readonly HashSet<string> BigTables =
    [
        "host", "op_host_capacity", "op_host_capacity_vm", "op_host_pci_devices", "op_placement_class", "vm_instance", "workflow", "workflow_command",
        "async_job", "event", "alert", "pci_device_history", "outbox_message",
    ];

    private static string ApprovedPath => Checkout.PathOf("Tests", "Persistence", "Approved", "queries.sqlite.txt");

    public static IEnumerable<TheoryDataRow<string>> ApprovedQueries =>
        CommandTexts.Read(ApprovedPath)
            // SQLite plans, but never runs, a look through the tables that refer to a new row.
            .Where(text => !text.StartsWith("INSERT ", StringComparison.Ordinal))
            .Select(text => new TheoryDataRow<string>(text));

    [Fact]
    public async Task ExecutedQuery_IsInTheApprovedList()
    {
        await Catalogue.RunAsync();
        var approved = CommandTexts.Read(ApprovedPath);
        var unknown = CommandCollector.Collected.Concat(CommandCollector.CollectedElsewhere).Except(approved).ToList();
        if (Checkout.Approves) CommandTexts.Write(ApprovedPath, approved.Concat(unknown));
        else Assert.True(unknown.Count == 0, $"Look at these queries, then PCIBUS_APPROVE=1 adds them:\n\n{string.Join("\n\n", unknown)}");
    }

    [Fact]
    public async Task EveryQuery_WasTranslatedForTheOtherEngines()
    {
        await Catalogue.RunAsync();
        var reads = CommandCollector.Collected.Count(text => text.StartsWith("SELECT", StringComparison.Ordinal));
        Assert.Equal([DatabaseProvider.PostgreSql, DatabaseProvider.SqlServer], UnconnectedEngine.All.Select(engine => engine.Provider));
        Assert.All(UnconnectedEngine.All, engine => Assert.InRange(engine.Commands.Count, reads / 2, int.MaxValue));
    }

    [Theory]
    [MemberData(nameof(ApprovedQueries))]
    public void Query_ReadsNoBigTableFromEndToEnd(string text)
    {
        using var database = new SqliteDatabase();
        var scanned = Scans(database, text).Where(BigTables.Contains).ToList();
        if (QueryPlanAllowances.Of(text) is null) Assert.True(scanned.Count == 0, $"reads all of {string.Join(", ", scanned)}:\n{text}");
        else Assert.True(scanned.Count > 0, $"needs no allowance:\n{text}");
    }

    [Fact]
    public void Allowance_IsNeeded() => Assert.All(
        QueryPlanAllowances.All.Keys, end => Assert.Contains(CommandTexts.Read(ApprovedPath), text => QueryPlanAllowances.Of(text) == end));

    [Theory]
    [InlineData("""SELECT "h"."id" FROM "host" AS "h" WHERE "h"."version" = '1'""", "host")]
    [InlineData("""UPDATE "workflow" SET "step" = 'x' WHERE "step" = 'y'""", "workflow")]
    [InlineData("""DELETE FROM "outbox_message" AS "o" WHERE "o"."body" = 'x'""", "outbox_message")]
    public void Scan_IsFound(string text, string table)
    {
        using var database = new SqliteDatabase();
        Assert.Equal([table], Scans(database, text));
    }

    /// <summary>Tables that a command reads without looking anything up in an index.</summary>
    private static List<string> Scans(SqliteDatabase database, string text)
    {
        var aliases = Alias().Matches(text).ToLookup(match => match.Groups["alias"].Value, match => match.Groups["table"].Value);
        using var connection = (SqliteConnection)database.Connect();
        connection.CreateFunction<string?, string?>(SqliteFunctions.Folded, one => one);
        using var command = connection.CreateCommand();
        command.CommandText = $"EXPLAIN QUERY PLAN {WithSomeColumn(text, connection)}";
        foreach (Match parameter in Parameter().Matches(text))
        {
            if (!command.Parameters.Contains(parameter.Value)) command.Parameters.AddWithValue(parameter.Value, 1);
        }

        using var plan = command.ExecuteReader();
        var scanned = new List<string>();
        while (plan.Read())
        {
            var scan = Scan().Match(plan.GetString(3));
            if (!scan.Success || StopsBeforeTheEnd(text, scan)) continue;
            var name = scan.Groups["name"].Value;
            scanned.AddRange(aliases.Contains(name) ? aliases[name].Distinct() : [name]);
        }

        return scanned;
    }

    /// <summary>
    /// A page is read in the order of its key or of an index and ends with its last row; a total is counted in an index; and
    /// nothing is read for a condition that is false.
    /// </summary>
    private static bool StopsBeforeTheEnd(string text, Match scan)
    {
        var alias = scan.Groups["name"].Value;
        return text.Contains("\nWHERE 0", StringComparison.Ordinal)
            || (text.StartsWith("SELECT COUNT(*)", StringComparison.Ordinal) && scan.Groups["how"].Value.StartsWith("COVERING", StringComparison.Ordinal))
            || PageInOrder().Matches(text).Any(page => page.Groups["alias"].Value == alias
                && (page.Groups["column"].Value == "id"
                    ? scan.Groups["how"].Length == 0
                    : scan.Groups["how"].Value.EndsWith($"__{page.Groups["column"].Value}", StringComparison.Ordinal)));
    }

    /// <summary>An update of tracked rows is catalogued without its columns; any but a key will do to explain it.</summary>
    private static string WithSomeColumn(string text, SqliteConnection connection)
    {
        if (!text.Contains(" SET ...", StringComparison.Ordinal)) return text;
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT name FROM pragma_table_info('{text.Split('"')[1]}') WHERE pk = 0 LIMIT 1";
        var column = command.ExecuteScalar();
        return text.Replace(" SET ...", $" SET \"{column}\" = \"{column}\"", StringComparison.Ordinal);
    }

    [GeneratedRegex("(?:FROM|JOIN|UPDATE) \"(?<table>\\w+)\" AS \"(?<alias>\\w+)\"")]
    private static partial Regex Alias();

    [GeneratedRegex(@"@\w+")]
    private static partial Regex Parameter();

    [GeneratedRegex("ORDER BY \"(?<alias>\\w+)\"\\.\"(?<column>\\w+)\"[^()]*?\\n\\s*LIMIT @\\w+ OFFSET @\\w+")]
    private static partial Regex PageInOrder();

    [GeneratedRegex(@"^SCAN (?<name>\w+)(?: USING (?<how>(?:COVERING )?INDEX \w+))?")]
    private static partial Regex Scan();
}
