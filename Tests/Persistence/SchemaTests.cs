using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>The scripts are the truth about tables, and EF Core's model says the same.</summary>
public sealed class SchemaTests
{
    [Fact]
    public void InstalledTables_AreThoseOfTheModel()
    {
        using var database = new SqliteDatabase();

        Assert.Empty(Differences(database));
    }

    [Theory]
    [InlineData("DROP INDEX i_workflow__deadline", "only in the model: workflow: index (deadline)")]
    [InlineData("DROP INDEX uc_host__guid; CREATE UNIQUE INDEX again ON host (guid)", "only in the model: host: index UNIQUE (guid) WHERE removed IS NULL")]
    [InlineData("DROP INDEX uc_host__uuid; CREATE INDEX again ON host (uuid)", "only in the model: host: index UNIQUE (uuid)")]
    [InlineData("CREATE INDEX more ON alert (subject)", "only in the database: alert: index (subject)")]
    [InlineData("ALTER TABLE alert ADD COLUMN more TEXT NULL", "only in the database: alert: column more TEXT NULL")]
    [InlineData("ALTER TABLE alert DROP COLUMN vm_id", "only in the model: alert: column vm_id INTEGER NULL")]
    [InlineData("ALTER TABLE alert DROP COLUMN body; ALTER TABLE alert ADD COLUMN body TEXT NULL", "only in the model: alert: column body TEXT NOT NULL")]
    [InlineData("ALTER TABLE alert DROP COLUMN vm_id; ALTER TABLE alert ADD COLUMN vm_id TEXT NULL", "only in the model: alert: column vm_id INTEGER NULL")]
    [InlineData("DROP TABLE outbox_message", "only in the model: outbox_message: primary key id")]
    [InlineData("CREATE TABLE more (id INTEGER NOT NULL PRIMARY KEY)", "only in the database: more: primary key id")]
    public void Difference_IsFound(string change, string difference)
    {
        using var database = new SqliteDatabase();
        using (var connection = database.Connect())
        using (var command = connection.CreateCommand())
        {
            command.CommandText = change;
            command.ExecuteNonQuery();
        }

        Assert.Contains(difference, Differences(database));
    }

    [Fact]
    public void Upgrade_RunsNothing_WhenEverythingWasRun()
    {
        using var database = new SqliteDatabase();

        Assert.Empty(SchemaInstaller.Upgrade(database.Options));
    }

    [Fact]
    public void Scripts_AreNumberedWithoutGaps() => Assert.Equal(
        Enumerable.Range(1, SchemaInstaller.Scripts("sqlite").Count).Select(number => $"{number:0000}"),
        SchemaInstaller.Scripts("sqlite").Select(script => script.Name[..4]));

    private static List<string> Differences(SqliteDatabase database)
    {
        using var connection = database.Connect();
        using var context = database.Open();
        var installed = new InstalledSchema(connection).Tables.SelectMany(table => table.Lines).ToList();
        var model = ModelSchema.Tables(context).SelectMany(table => table.Lines).ToList();
        return
        [
            .. installed.Except(model).Select(line => $"only in the database: {line}"),
            .. model.Except(installed).Select(line => $"only in the model: {line}"),
        ];
    }
}
