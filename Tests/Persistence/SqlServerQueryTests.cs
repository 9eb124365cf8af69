using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>What management says to a database is SQL Server's language too, and names what the scripts for SQL Server make.</summary>
public sealed class SqlServerQueryTests
{
    [Fact]
    public async Task EveryQueryOfTheCatalogue_IsTransactSql()
    {
        await Catalogue.RunAsync();

        // Each was parsed when it was translated, here and in every suite.
        var translated = UnconnectedEngine.SqlServer.Commands.Distinct().ToList();
        Assert.InRange(translated.Count, 100, int.MaxValue);
        Assert.Empty(translated.SelectMany(SqlServerQueries.Problems));
    }

    [Fact]
    public async Task EveryCommandThatIsWrittenOut_IsTransactSql()
    {
        await Catalogue.RunAsync();
        // EF Core puts each name in quotes; who writes a command out does not.
        var written = CommandCollector.Collected.Where(text => !text.Contains('"', StringComparison.Ordinal)).ToList();

        Assert.Contains(written, text => text.StartsWith("UPDATE op_host_pci_devices", StringComparison.Ordinal));
        Assert.Contains(written, text => text.StartsWith("UPDATE op_host_capacity", StringComparison.Ordinal));
        Assert.Empty(written.SelectMany(SqlServerQueries.Problems));
    }

    [Theory]
    [InlineData("SELECT [h].[id] FROM [host] AS [h] WIHT (UPDLOCK)", "line 1, column ")]
    [InlineData("SELECT [h].[id] FROM [hosts] AS [h]", "There is no table hosts")]
    [InlineData("SELECT [h].[gid] FROM [host] AS [h]", "There is no column h.gid")]
    [InlineData("SELECT [a].[guid] FROM [host] AS [h] INNER JOIN [alert] AS [a] ON [a].[host_id] = [h].[id]", "There is no column a.guid")]
    [InlineData("SELECT [s].[guid] FROM (SELECT [a].[id] FROM [alert] AS [a]) AS [s]", "There is no column s.guid")]
    [InlineData("UPDATE op_host_capacity SET cpu_free = cpu_free - @p0, changed = TRUE WHERE host_id = @p1", "There is no column changed")]
    [InlineData("INSERT INTO commit_marker (id, created, lost) VALUES (@p0, @p1, FALSE)", "There is no column FALSE")]
    public void WhatIsNotTransactSql_OrNamesWhatIsNotThere_IsFound(string text, string problem) =>
        Assert.Contains(SqlServerQueries.Problems(text), found => found.StartsWith(problem, StringComparison.Ordinal));
}
