using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>The scripts are the truth about tables, and EF Core's model says the same.</summary>
[OutOfProcess]
public sealed class SchemaTests
{
    private const string Sqlite = nameof(DatabaseProvider.Sqlite);
    private const string PostgreSql = nameof(DatabaseProvider.PostgreSql);
    private const string SqlServer = nameof(DatabaseProvider.SqlServer);

    [Theory]
    [InlineData(Sqlite)]
    [InlineData(PostgreSql)]
    [InlineData(SqlServer)]
    public void InstalledTables_AreThoseOfTheModel(string engine)
    {
        using var database = TestDatabase.On(Enum.Parse<DatabaseProvider>(engine));

        Assert.Empty(Differences(database));
    }

    [Theory]
    [InlineData(Sqlite, "DROP INDEX i_workflow__deadline", "only in the model: workflow: index (deadline)")]
    [InlineData(Sqlite, "DROP INDEX uc_host__guid; CREATE UNIQUE INDEX again ON host (guid)", "only in the model: host: index UNIQUE (guid) WHERE removed IS NULL")]
    [InlineData(Sqlite, "DROP INDEX uc_host__uuid; CREATE INDEX again ON host (uuid)", "only in the model: host: index UNIQUE (uuid)")]
    [InlineData(Sqlite, "CREATE INDEX more ON alert (subject)", "only in the database: alert: index (subject)")]
    [InlineData(Sqlite, "ALTER TABLE alert ADD COLUMN more TEXT NULL", "only in the database: alert: column more TEXT NULL")]
    [InlineData(Sqlite, "ALTER TABLE alert DROP COLUMN vm_id", "only in the model: alert: column vm_id INTEGER NULL")]
    [InlineData(Sqlite, "ALTER TABLE alert DROP COLUMN body; ALTER TABLE alert ADD COLUMN body TEXT NULL", "only in the model: alert: column body TEXT NOT NULL")]
    [InlineData(Sqlite, "ALTER TABLE alert DROP COLUMN vm_id; ALTER TABLE alert ADD COLUMN vm_id TEXT NULL", "only in the model: alert: column vm_id INTEGER NULL")]
    [InlineData(Sqlite, "DROP TABLE outbox_message", "only in the model: outbox_message: primary key id")]
    [InlineData(Sqlite, "CREATE TABLE more (id INTEGER NOT NULL PRIMARY KEY)", "only in the database: more: primary key id")]
    [InlineData(PostgreSql, "DROP INDEX i_workflow__deadline", "only in the model: workflow: index (deadline)")]
    [InlineData(PostgreSql, "DROP INDEX uc_host__guid; CREATE UNIQUE INDEX again ON host (guid)", "only in the model: host: index UNIQUE (guid) WHERE removed IS NULL")]
    [InlineData(PostgreSql, "DROP INDEX uc_host__uuid; CREATE INDEX again ON host (uuid)", "only in the model: host: index UNIQUE (uuid)")]
    [InlineData(PostgreSql, "CREATE INDEX more ON alert (subject, vm_id)", "only in the database: alert: index (subject, vm_id)")]
    [InlineData(PostgreSql, "ALTER TABLE alert ADD COLUMN more text NULL", "only in the database: alert: column more text NULL")]
    [InlineData(PostgreSql, "ALTER TABLE alert ALTER COLUMN body DROP NOT NULL", "only in the model: alert: column body text NOT NULL")]
    [InlineData(PostgreSql, "ALTER TABLE alert ALTER COLUMN vm_id TYPE integer", "only in the model: alert: column vm_id bigint NULL")]
    [InlineData(PostgreSql, "ALTER TABLE alert ALTER COLUMN created TYPE timestamp", "only in the model: alert: column created timestamp with time zone NOT NULL")]
    [InlineData(PostgreSql, "ALTER TABLE op_host_capacity ALTER COLUMN cpu_free DROP EXPRESSION", "only in the model: op_host_capacity: column cpu_free bigint NOT NULL COMPUTED")]
    [InlineData(PostgreSql, "DROP TABLE outbox_message", "only in the model: outbox_message: primary key id")]
    [InlineData(PostgreSql, "CREATE TABLE more (id bigint PRIMARY KEY)", "only in the database: more: primary key id")]
    [InlineData(SqlServer, "DROP INDEX i_workflow__deadline ON workflow", "only in the model: workflow: index (deadline)")]
    [InlineData(SqlServer, "DROP INDEX uc_host__guid ON host; CREATE UNIQUE INDEX again ON host (guid)", "only in the model: host: index UNIQUE (guid) WHERE removed IS NULL")]
    [InlineData(SqlServer, "ALTER TABLE alert ALTER COLUMN body nvarchar(max) COLLATE Latin1_General_100_CI_AS NOT NULL", "only in the model: alert: column body nvarchar(max) NOT NULL COLLATE Latin1_General_100_BIN2")]
    [InlineData(SqlServer, "ALTER TABLE alert ALTER COLUMN body nvarchar(9) COLLATE Latin1_General_100_BIN2 NOT NULL", "only in the model: alert: column body nvarchar(max) NOT NULL COLLATE Latin1_General_100_BIN2")]
    [InlineData(SqlServer, "DROP TABLE outbox_message", "only in the model: outbox_message: primary key id")]
    public void Difference_IsFound(string engine, string change, string difference)
    {
        using var database = TestDatabase.On(Enum.Parse<DatabaseProvider>(engine));
        database.Execute(change);

        Assert.Contains(difference, Differences(database));
    }

    [Theory]
    [InlineData(PostgreSql)]
    [InlineData(SqlServer)]
    public void EnginesHaveTheSameTables_IndexesAndForeignKeys(string engine)
    {
        using var sqlite = TestDatabase.On(DatabaseProvider.Sqlite);
        using var another = TestDatabase.On(Enum.Parse<DatabaseProvider>(engine));
        using var one = sqlite.Connect();
        using var other = another.Connect();

        Assert.Equal(InstalledSchema.Of(sqlite, one).Names, InstalledSchema.Of(another, other).Names);
        Assert.Equal(InstalledSchema.Of(sqlite, one).ForeignKeys, InstalledSchema.Of(another, other).ForeignKeys);
    }

    [Fact]
    public void TextComparesByItsBytes_OnPostgreSql()
    {
        using var database = TestDatabase.On(DatabaseProvider.PostgreSql);
        using var connection = database.Connect();

        Assert.Empty(new PostgreSqlSchema(connection).CollatedColumns);
    }

    [Theory]
    [InlineData(Sqlite)]
    [InlineData(PostgreSql)]
    public void Scripts_AreNumberedWithoutGaps(string engine)
    {
        var scripts = SchemaInstaller.Scripts(Enum.Parse<DatabaseProvider>(engine));

        Assert.Equal(Enumerable.Range(1, scripts.Count).Select(number => $"{number:0000}"), scripts.Select(script => script.Name[..4]));
    }

    private static IReadOnlyList<string> Differences(TestDatabase database)
    {
        using var connection = database.Connect();
        using var context = database.Open();
        return SchemaDifferences.Between(InstalledSchema.Of(database, connection).Tables, ModelSchema.Tables(context));
    }
}
