using DbUp.Engine;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>The scripts for SQL Server make the tables of EF Core's model: without a server they are parsed and followed.</summary>
public sealed class SqlServerSchemaTests
{
    private static readonly IReadOnlyList<SqlScript> Scripts = SchemaInstaller.Scripts(DatabaseProvider.SqlServer);

    /// <summary>Names of tables and indexes, and references, which all engines share.</summary>
    private static readonly Lazy<IReadOnlyList<string>> OnSqlite = new(() =>
    {
        using var database = TestDatabase.On(DatabaseProvider.Sqlite);
        using var connection = database.Connect();
        var installed = InstalledSchema.Of(database, connection);
        return [.. installed.Names, .. installed.ForeignKeys];
    });

    [Fact]
    public void ScriptedTables_AreThoseOfTheModel() => Assert.Empty(Differences(new ScriptedSchema(Scripts)));

    [Theory]
    [InlineData("CREATE INDEX i_workflow__deadline ON workflow (deadline);", "", "only in the model: workflow: index (deadline)")]
    [InlineData("ON host (guid) WHERE removed IS NULL", "ON host (guid)", "only in the model: host: index UNIQUE (guid) WHERE removed IS NULL")]
    [InlineData("ON [user] (api_key) WHERE api_key IS NOT NULL", "ON [user] (api_key)", "only in the model: user: index UNIQUE (api_key) WHERE api_key IS NOT NULL")]
    [InlineData("ON host (machine) WHERE machine IS NOT NULL", "ON host (machine) WHERE removed IS NULL", "only in the model: host: index UNIQUE (machine) WHERE machine IS NOT NULL")]
    [InlineData("UNIQUE INDEX uc_host__uuid", "INDEX uc_host__uuid", "only in the model: host: index UNIQUE (uuid)")]
    [InlineData("ON host (status, last_ping)", "ON host (last_ping, status)", "only in the model: host: index (status, last_ping)")]
    [InlineData("CREATE INDEX i_alert__host_id", "CREATE INDEX more ON alert (vm_id); CREATE INDEX i_alert__host_id", "only in the database: alert: index (vm_id)")]
    [InlineData("placement_class     nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL,", "placement_class nvarchar(450) COLLATE Latin1_General_100_BIN2 NULL,", "only in the model: op_host_capacity: column placement_class nvarchar(450) NOT NULL COLLATE Latin1_General_100_BIN2")]
    [InlineData("address_text        nvarchar(max)", "address_text        nvarchar(255)", "only in the model: op_host_pci_devices: column address_text nvarchar(max) NOT NULL COLLATE Latin1_General_100_BIN2")]
    [InlineData("ram                 bigint           NOT NULL,\n    dom0_memory", "ram int NOT NULL,\n    dom0_memory", "only in the model: host: column ram bigint NOT NULL")]
    [InlineData("reported_name       nvarchar(max)    COLLATE Latin1_General_100_BIN2", "reported_name       nvarchar(max)    COLLATE Latin1_General_100_CI_AS", "only in the model: op_host_pci_devices: column reported_name nvarchar(max) NOT NULL COLLATE Latin1_General_100_BIN2")]
    [InlineData("reported_name       nvarchar(max)    COLLATE Latin1_General_100_BIN2", "reported_name       nvarchar(max)   ", "only in the model: op_host_pci_devices: column reported_name nvarchar(max) NOT NULL COLLATE Latin1_General_100_BIN2")]
    [InlineData("claimed_name        nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,\n", "", "only in the model: op_host_pci_devices: column claimed_name nvarchar(max) NULL COLLATE Latin1_General_100_BIN2")]
    [InlineData("NOT NULL IDENTITY CONSTRAINT pk_outbox_message PRIMARY KEY", "NOT NULL CONSTRAINT pk_outbox_message PRIMARY KEY", "only in the model: outbox_message: column id bigint NOT NULL IDENTITY")]
    [InlineData("cpu_free            AS (cpu_total - cpu_used) PERSISTED NOT NULL", "cpu_free bigint NOT NULL", "only in the model: op_host_capacity: column cpu_free bigint NOT NULL COMPUTED")]
    [InlineData("PRIMARY KEY (vm_id, host_id)", "PRIMARY KEY (host_id, vm_id)", "only in the model: op_host_capacity_vm: primary key vm_id, host_id")]
    [InlineData(",\n    CONSTRAINT fk_workflow_command__workflow_id FOREIGN KEY (workflow_id) REFERENCES workflow (id) ON DELETE CASCADE", "", "only in the model: reference workflow_command.workflow_id -> workflow.id")]
    [InlineData("REFERENCES workflow (id) ON DELETE CASCADE", "REFERENCES workflow (id)", "another deletion: workflow_command.workflow_id -> workflow.id")]
    [InlineData(" CONSTRAINT fk_host__pod_id REFERENCES host_pod_ref (id)", "", "only on SQLite: host.pod_id -> host_pod_ref.id")]
    [InlineData("uc_host__uuid", "uc_host_uuid", "only on SQLite: index uc_host__uuid")]
    public void PlantedFault_IsFound(string from, string to, string difference) =>
        Assert.Contains(difference, Differences(Changed(from, to)));

    [Theory]
    [InlineData("CREATE TABLE cluster (", "CREATE TALBE cluster (", "Incorrect syntax near 'TALBE'")]
    [InlineData("ON alert (host_id)", "ON alert (hots_id)", "alert has no column hots_id")]
    [InlineData("ON alert (host_id)", "ON alerts (host_id)", "There is no table alerts")]
    [InlineData("ON alert (host_id)", "ON alert (body)", "alert: i_alert__host_id: body has no end")]
    [InlineData("capacity_state      nvarchar(64)", "capacity_state      nvarchar(450)", "op_host_capacity: i_op_host_capacity__placement has 1824 bytes, and may have 1700")]
    [InlineData("digest              nvarchar(450)", "digest              nvarchar(64)", "op_host_capacity.placement_class is of another type than op_placement_class.digest")]
    [InlineData("CREATE UNIQUE INDEX uc_op_placement_class__digest ON op_placement_class (digest);", "", "op_placement_class.digest is no key")]
    [InlineData("REFERENCES data_center (id)", "REFERENCES data_centre (id)", "There is no table data_centre")]
    [InlineData("CONSTRAINT pk_alert", "CONSTRAINT pk_event", "There is a pk_event already")]
    [InlineData("INSERT INTO domain (id, uuid, parent,", "INSERT INTO domain (id, uid, parent,", "There is no column uid")]
    [InlineData("created             datetime2        NOT NULL,\n    lost", "created             datetime2,\n    lost", "commit_marker.created does not say whether it may be null")]
    public void StatementThatTheServerWouldRefuse_Fails(string from, string to, string why) =>
        Assert.Contains(why, Assert.ThrowsAny<Exception>(() => Changed(from, to)).Message, StringComparison.Ordinal);

    [Fact]
    public void LaterScript_ChangesWhatTheFirstMade()
    {
        var later = new SqlScript(
            "0025-later.sql",
            """
            ALTER TABLE alert ADD severity int NULL;
            ALTER TABLE alert ALTER COLUMN subject nvarchar(100) COLLATE Latin1_General_100_BIN2 NULL;
            DROP INDEX i_alert__host_id ON alert;
            GO
            CREATE INDEX i_alert__severity ON alert (severity);
            """);

        Assert.Equal(
            [
                "only in the database: alert: column severity int NULL",
                "only in the database: alert: column subject nvarchar(100) NULL COLLATE Latin1_General_100_BIN2",
                "only in the database: alert: index (severity)",
                "only in the model: alert: column subject nvarchar(max) NOT NULL COLLATE Latin1_General_100_BIN2",
                "only in the model: alert: index (host_id)",
                "only on SQL Server: index i_alert__severity",
                "only on SQLite: index i_alert__host_id",
            ],
            Differences(new ScriptedSchema([.. Scripts, later])).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Scripts_BeginWithTheWholeSchema_AndGoOnWithThoseOfTheOtherEngines()
    {
        const int before = 21;

        Assert.Equal("0022-pcibus.sql", Scripts[0].Name);
        Assert.Equal(
            SchemaInstaller.Scripts(DatabaseProvider.Sqlite).Skip(before + 1).Select(script => script.Name),
            Scripts.Skip(1).Select(script => script.Name));
    }

    /// <summary>The schema after a change of the one place that the first script has for it.</summary>
    private static ScriptedSchema Changed(string from, string to)
    {
        var text = Scripts[0].Contents.ReplaceLineEndings("\n");
        var place = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(place >= 0, $"not in the script: {from}");
        return new ScriptedSchema([new SqlScript(Scripts[0].Name, text[..place] + to + text[(place + from.Length)..]), .. Scripts.Skip(1)]);
    }

    private static IReadOnlyList<string> Differences(ScriptedSchema scripted)
    {
        using var model = UnconnectedEngine.SqlServer.Open();
        var references = ModelSchema.References(model);
        var (here, onSqlite) = (scripted.Names.Concat(scripted.ForeignKeys).ToList(), OnSqlite.Value);
        return
        [
            .. SchemaDifferences.Between(scripted.Tables, ModelSchema.Tables(model)),
            .. references.Select(one => one.Reference).Except(scripted.ForeignKeys).Select(one => $"only in the model: reference {one}"),
            .. references.Where(one => one.Cascades != scripted.Cascades.Contains(one.Reference))
                .Select(one => $"another deletion: {one.Reference}"),
            .. here.Except(onSqlite).Select(one => $"only on SQL Server: {one}"),
            .. onSqlite.Except(here).Select(one => $"only on SQLite: {one}"),
        ];
    }
}
