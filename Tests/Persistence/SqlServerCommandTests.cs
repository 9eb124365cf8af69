using System.Data;
using System.Reflection;
using DbUp.SqlServer;
using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Management.Setup;
using PciBus.Tests.Support;
using Quartz;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>What is said to SQL Server alone, by management and by the packages that it uses there.</summary>
public sealed class SqlServerCommandTests
{
    private const string QuartzSchema = "Quartz.Impl.AdoJobStore.Schema.create_sqlServer.sql";

    /// <summary>As Quartz splits its script, and with its prefix of tables.</summary>
    private static readonly Lazy<IReadOnlyList<string>> QuartzScript = new(() =>
    {
        using var reader = new StreamReader(typeof(IScheduler).Assembly.GetManifestResourceStream(QuartzSchema)!);
        return [.. reader.ReadToEnd().ReplaceLineEndings("\n").Split("\n--;;\n").Select(WithPrefix)];
    });

    [Fact]
    public async Task Marker_IsWritten_WhenTheTransactionHasWritten()
    {
        await using var database = UnconnectedEngine.SqlServer.Open();
        Assert.Null(await CommitOutcome.MarkAsync(database, Announcements.Now, CancellationToken.None));

        database.HasWritten = true;
        var text = TextOf(() => CommitOutcome.MarkAsync(database, Announcements.Now, CancellationToken.None));

        Assert.Equal("INSERT INTO commit_marker (id, created, lost) VALUES (@p0, @p1, 0)", text);
        Assert.Empty(SqlServerQueries.Problems(text));
    }

    [Fact]
    public void MarkerIsLookedFor_ByWritingItsKey()
    {
        using var database = UnconnectedEngine.SqlServer.Open();

        var text = TextOf(() => CommitOutcome.IsCommittedAsync(database, Guid.NewGuid(), Announcements.Now, CancellationToken.None));

        Assert.Contains("IF ERROR_NUMBER() <> 2627 THROW", text, StringComparison.Ordinal);
        Assert.Empty(SqlServerQueries.Problems(text));
    }

    [Fact]
    public void Place_IsAskedFor_InTransactSql()
    {
        using var database = UnconnectedEngine.SqlServer.Open();

        var text = TextOf(() => DatabasePlace.OfAsync(database, CancellationToken.None));

        Assert.Contains("WHERE database_id = DB_ID()", text, StringComparison.Ordinal);
        Assert.Single(TransactSql.Parse(text));
    }

    [Fact]
    public void LockAroundUpgrades_IsTheSessions_AndIsWaitedForWithoutEnd()
    {
        using var connection = new SqlConnection();
        using var command = SqlServerLock.Command(connection, "pcibus schema");

        Assert.Equal(("sp_getapplock", CommandType.StoredProcedure, 0), (command.CommandText, command.CommandType, command.CommandTimeout));
        Assert.Equal(
            ["@Resource pcibus schema", "@LockMode Exclusive", "@LockOwner Session", "@LockTimeout -1", "@Result "],
            command.Parameters.Cast<SqlParameter>().Select(parameter => $"{parameter.ParameterName} {parameter.Value}"));
        Assert.Equal(ParameterDirection.ReturnValue, command.Parameters["@Result"].Direction);
    }

    /// <summary>It parts them at the same places as the parser of the other tests.</summary>
    [Fact]
    public void Scripts_AreWholeStatements_ForTheirInstaller() => Assert.All(
        SchemaInstaller.Scripts(DatabaseProvider.SqlServer),
        script => Assert.Equal(
            TransactSql.Parse(script.Contents).Count,
            new SqlConnectionManager("").SplitScriptIntoCommands(script.Contents).Sum(batch => TransactSql.Parse(batch).Count)));

    [Theory]
    [InlineData("CreateSchemaTableSql", "pk")]
    [InlineData("GetJournalEntriesSql")]
    [InlineData("GetInsertJournalEntrySql", "@name", "@applied")]
    public void JournalOfScripts_IsTransactSql(string method, params string[] arguments)
    {
        var journal = new SqlTableJournal(() => null!, () => null!, null, "SchemaVersions");
        var text = (string)typeof(SqlTableJournal).GetMethod(method, BindingFlags.NonPublic | BindingFlags.Instance)!.Invoke(journal, arguments)!;

        Assert.Contains("[SchemaVersions]", text, StringComparison.Ordinal);
        Assert.Single(TransactSql.Parse(text));
    }

    [Fact]
    public void TablesOfTheScheduler_AreTransactSql()
    {
        Assert.InRange(QuartzScript.Value.Count, 15, int.MaxValue);
        Assert.All(QuartzScript.Value, text => TransactSql.Parse(text));
    }

    /// <summary>In a database with a binary collation a name is another one in other letters.</summary>
    [Fact]
    public void Scheduler_LocksARowOfItsTable()
    {
        var script = QuartzScript.Value.Single(text => text.Contains("CREATE TABLE QRTZ_LOCKS", StringComparison.Ordinal));
        var begin = script.IndexOf("CREATE TABLE", StringComparison.Ordinal);
        var end = script.LastIndexOf(");", StringComparison.Ordinal) + 2;
        var schema = new ScriptedSchema([new DbUp.Engine.SqlScript("locks", script[begin..end])]);

        var text = WithPrefix(SchedulerSetup.SqlServerRowLock);

        Assert.Contains("(UPDLOCK,ROWLOCK)", text, StringComparison.Ordinal);
        Assert.Empty(TransactSql.Parse(text).SelectMany(statement => TransactSqlNames.Unknown(statement, schema)));
    }

    [Fact]
    public void DatabaseForTests_IsMadeAndRemoved_InTransactSql() => Assert.All(
        [
            .. SqlServerDatabase.CreationOf("pcibus_test"),
            SqlServerDatabase.RemovalOf("pcibus_test"),
            .. RestoredSqlServer.RestorationOf("pcibus_test", "pcibus_test.bak"),
            RestoredSqlServer.Flush,
        ], text => TransactSql.Parse(text));

    [Fact]
    public void CatalogueOfALiveServer_IsAsked_InTransactSql() => Assert.All(SqlServerSchema.Questions("user"), text => TransactSql.Parse(text));

    private static string WithPrefix(string text) =>
        text.Replace("{0}", "QRTZ_", StringComparison.Ordinal).Replace("{1}", "QRTZ_", StringComparison.Ordinal);

    private static string TextOf(Func<Task> work) => NotExecutedException.TextOf(() => work().GetAwaiter().GetResult());
}
