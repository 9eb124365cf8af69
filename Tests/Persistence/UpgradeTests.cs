using DbUp.Engine;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>A database is brought from one version to the next, and never touched by a program that is older than it.</summary>
[OutOfProcess]
public sealed class UpgradeTests
{
    private const string Sqlite = nameof(DatabaseProvider.Sqlite);
    private const string PostgreSql = nameof(DatabaseProvider.PostgreSql);
    private const string SqlServer = nameof(DatabaseProvider.SqlServer);
    private const string Newest = "0026-vm-has-run.sql";
    private static readonly SqlScript Next = new("9000-next.sql", "CREATE TABLE next (id bigint NOT NULL PRIMARY KEY)");

    [Theory]
    [InlineData(Sqlite)]
    [InlineData(PostgreSql)]
    [InlineData(SqlServer)]
    public void Upgrade_RunsNothing_WhenEverythingWasRun(string engine)
    {
        using var database = On(engine);

        Assert.Empty(SchemaInstaller.Upgrade(database.Options));
        Assert.Equal((Newest, 0, 0), Describe(SchemaInstaller.Look(database.Options)));
    }

    [Theory]
    [InlineData(Sqlite)]
    [InlineData(PostgreSql)]
    [InlineData(SqlServer)]
    public void NewScript_IsRun_AndTheOlderProgramRefusesTheDatabase(string engine)
    {
        using var database = On(engine);
        var scripts = SchemaInstaller.Scripts(database.Options.Provider);

        Assert.Equal([Next.Name], SchemaInstaller.Upgrade(database.Options, [.. scripts, Next]));

        database.Execute("INSERT INTO next VALUES (1)");
        Assert.Equal((Next.Name, 0, 1), Describe(SchemaInstaller.Look(database.Options)));
        var refusal = Assert.Throws<SchemaException>(() => SchemaInstaller.Upgrade(database.Options));
        Assert.Contains(Next.Name, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(Newest, refusal.Message, StringComparison.Ordinal);
        DeleteCopies(database);
    }

    [Theory]
    [InlineData(Sqlite)]
    [InlineData(PostgreSql)]
    [InlineData(SqlServer)]
    public void ScriptThatFails_ChangesNothing_AndIsNamed(string engine)
    {
        using var database = On(engine);
        var scripts = SchemaInstaller.Scripts(database.Options.Provider);
        var bad = new SqlScript(Next.Name, "CREATE TABLE half (id bigint NOT NULL PRIMARY KEY); INSERT INTO nowhere VALUES (1)");

        var failure = Assert.Throws<SchemaException>(() => SchemaInstaller.Upgrade(database.Options, [.. scripts, bad]));

        Assert.StartsWith(Next.Name, failure.Message, StringComparison.Ordinal);
        Assert.Equal((Newest, 0, 0), Describe(SchemaInstaller.Look(database.Options)));
        database.Execute("CREATE TABLE half (id bigint)");
        DeleteCopies(database);
    }

    [Fact]
    public void SqliteFile_IsCopiedBesideItself_BeforeAnUpgrade()
    {
        using var database = new SqliteDatabase();
        database.Execute("INSERT INTO configuration VALUES ('a', 'before')");

        SchemaInstaller.Upgrade(database.Options, [.. SchemaInstaller.Scripts(DatabaseProvider.Sqlite), Next]);
        database.Execute("UPDATE configuration SET value = 'after'");

        var copy = DatabaseOptions.SqliteFile($"{database.Path}.0026-vm-has-run");
        Assert.Equal((Newest, 0, 0), Describe(SchemaInstaller.Look(copy)));
        using (var connection = new Microsoft.Data.Sqlite.SqliteConnection(copy.ConnectionString))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT value FROM configuration";
            Assert.Equal("before", command.ExecuteScalar());
        }

        DeleteCopies(database);
    }

    [Theory]
    [InlineData(PostgreSql)]
    [InlineData(SqlServer)]
    public async Task ServersThatStartTogether_InstallOnce(string engine)
    {
        using var database = TestDatabase.EmptyOn(Enum.Parse<DatabaseProvider>(engine));

        var installed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => SchemaInstaller.Upgrade(database.Options))));

        Assert.Equal(SchemaInstaller.Scripts(database.Options.Provider).Select(script => script.Name), installed.SelectMany(one => one));
        Assert.Equal((Newest, 0, 0), Describe(SchemaInstaller.Look(database.Options)));
    }

    [Theory]
    [InlineData(PostgreSql)]
    [InlineData(SqlServer)]
    public void EmptyDatabase_HasEverythingPending(string engine)
    {
        using var database = TestDatabase.EmptyOn(Enum.Parse<DatabaseProvider>(engine));

        Assert.Equal((null, SchemaInstaller.Scripts(database.Options.Provider).Count, 0), Describe(SchemaInstaller.Look(database.Options)));
    }

    private static TestDatabase On(string engine) => TestDatabase.On(Enum.Parse<DatabaseProvider>(engine));

    private static (string? Version, int Pending, int Unknown) Describe(SchemaState state) =>
        (state.Version, state.Pending.Count, state.Unknown.Count);

    private static void DeleteCopies(TestDatabase database)
    {
        if (database is not SqliteDatabase sqlite) return;
        foreach (var copy in Directory.EnumerateFiles(Path.GetDirectoryName(sqlite.Path)!, $"{Path.GetFileName(sqlite.Path)}.*")) File.Delete(copy);
    }
}
