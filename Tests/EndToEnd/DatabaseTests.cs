using Microsoft.Data.Sqlite;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.EndToEnd;

/// <summary>What an operator does with the database: upgrade an old data folder, look, back up and restore, use another engine.</summary>
[OutOfProcess]
public sealed class DatabaseTests : IAsyncLifetime
{
    private const string MailsLine = "28:00.1|10GE,28:00.2|10GE";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);
    private readonly ManagementProcess _management = new(Directory.CreateTempSubdirectory("pcibus-e2e").FullName);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _management.DisposeAsync();
        Directory.Delete(_management.DataFolder, recursive: true);
    }

    [Fact]
    public async Task A_data_folder_of_an_earlier_version_is_copied_upgraded_and_used()
    {
        Load("0001-two-machines.sql");
        Assert.Equal(0, await _management.RunToEndAsync(_token, "schema", "status"));
        await SaysAsync("installed  0001-pcibus.sql");
        await SaysAsync("pending    0002-user-keys.sql");

        await _management.StartAsync(3, _token);

        var machines = await _management.Api.CallAsync("listVirtualMachines");
        Assert.Equal(["web1", "web2"], machines["virtualmachine"]!.Select(vm => (string)vm["name"]!).Order());
        // Its simulated host does not have it any more: it was asked, and said so.
        await Patience.UntilAsync(
            async () => (await _management.Api.CallAsync("listVirtualMachines"))["virtualmachine"]!.All(vm => (string)vm["state"]! == "Stopped"),
            Soon,
            () => _management.LastLines,
            _token);
        Assert.True(File.Exists($"{_management.Database}.0001-pcibus"));
        await _management.KillAsync();

        Assert.Equal(0, await _management.RunToEndAsync(_token, "schema", "upgrade"));
        await SaysAsync("nothing is pending");
    }

    [Fact]
    public async Task A_newer_database_is_refused_naming_both_versions()
    {
        Load("0001-two-machines.sql");
        Assert.Equal(0, await _management.RunToEndAsync(_token, "schema", "upgrade"));
        Execute("INSERT INTO SchemaVersions (ScriptName, Applied) VALUES ('9999-future.sql', '2030-01-01')");

        foreach (var arguments in new string[][] { [], ["schema", "status"], ["schema", "upgrade"] })
        {
            Assert.Equal(1, await _management.RunToEndAsync(_token, arguments));
            await SaysAsync("The database is at 9999-future.sql, this program knows 0026-vm-has-run.sql at most");
        }
    }

    [OnlyInAll("a quarter of a minute of processes")]
    [Fact]
    public async Task A_backup_of_a_running_server_is_restored_and_hosts_are_asked_again()
    {
        _management.AddHost("kvm1", "guid-1", MailsLine);
        await _management.StartAsync(1, _token);
        var scene = await TestScene.CreateAsync(_management.Api, "10GE");
        await scene.DeployAsync("before");
        var file = Path.Combine(_management.DataFolder, "backup.db");
        await using (var second = new ManagementProcess(_management.DataFolder))
        {
            Assert.Equal(0, await second.RunToEndAsync(_token, "backup", file));
            Assert.Equal(1, await second.RunToEndAsync(_token, "backup", file));
        }

        await scene.DeployAsync("after");
        await _management.KillAsync();
        foreach (var suffix in new[] { "-wal", "-shm" }) File.Delete(_management.Database + suffix);
        File.Copy(file, _management.Database, overwrite: true);

        await _management.StartAsync(1, _token);
        var vms = (await _management.Api.CallAsync("listVirtualMachines"))["virtualmachine"]!.Select(vm => (string)vm["name"]!);
        Assert.Equal(["before"], vms);
        await SaysAsync("Nothing is allocated on a host until it has announced itself");
    }

    [OnlyInAll("half a minute of processes")]
    [Fact]
    public async Task With_PostgreSQL_the_data_folder_holds_no_database()
    {
        using var database = new PostgreSqlDatabase(empty: true);
        Use("postgresql", database.Options.ConnectionString);

        await HoldsNoDatabaseAsync();

        await SaysAsync("pg_dump --format=custom --host=127.0.0.1");
        Assert.DoesNotContain(database.Options.ConnectionString, _management.Output, StringComparison.Ordinal);
    }

    [OnlyInAll("half a minute of processes")]
    [Fact]
    public async Task With_SQL_Server_the_data_folder_holds_no_database()
    {
        using var database = new SqlServerDatabase(empty: true);
        Use("sqlserver", database.Options.ConnectionString);
        _management.Environment.Add((SqlServerCultures.Variable, "0"));

        await HoldsNoDatabaseAsync();

        await SaysAsync("TO DISK = N'x' WITH COPY_ONLY, CHECKSUM");
        Assert.DoesNotContain(database.Options.ConnectionString, _management.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_SQL_Server_that_does_not_answer_is_told_in_one_line_and_its_password_is_not()
    {
        Use("sqlserver", $"Server=127.0.0.1,{FreePort.Next()};Database=pcibus;User ID=pcibus;Password=hunter2;Connect Timeout=2");

        foreach (var arguments in new string[][] { [], ["schema", "status"], ["schema", "upgrade"] })
        {
            Assert.Equal(1, await _management.RunToEndAsync(_token, arguments));
        }

        await SaysAsync("The client of SQL Server needs a process that knows cultures");
        _management.Environment.Add((SqlServerCultures.Variable, "0"));
        foreach (var arguments in new string[][] { [], ["schema", "status"], ["schema", "upgrade"] })
        {
            Assert.Equal(1, await _management.RunToEndAsync(_token, arguments));
        }

        await SaysAsync("SQL Server cannot be used as database.connection says: A network-related");
        Assert.DoesNotContain("   at ", _management.Output, StringComparison.Ordinal);
        Assert.Equal(1, await _management.RunToEndAsync(_token, "backup", "x"));
        await SaysAsync("-U pcibus -b -Q \"BACKUP DATABASE [pcibus] TO DISK = N'x' WITH COPY_ONLY, CHECKSUM\"");
        Assert.DoesNotContain("hunter2", _management.Output, StringComparison.Ordinal);
    }

    private void Use(string provider, string connection) =>
        _management.Arguments.AddRange(["--setting", $"database.provider={provider}", "--setting", $"database.connection={connection}"]);

    /// <summary>Begins on an empty database of a server, is killed, goes on where it was, and leaves its backup to the server's own tools.</summary>
    private async Task HoldsNoDatabaseAsync()
    {
        _management.AddHost("kvm1", "guid-1", MailsLine);
        await _management.StartAsync(1, _token);
        var scene = await TestScene.CreateAsync(_management.Api, "10GE");
        await scene.DeployAsync("web1");

        await _management.KillAsync();
        await _management.StartAsync(1, _token);

        await scene.DeployAsync("web2");
        Assert.False(File.Exists(_management.Database));
        await _management.KillAsync();
        Assert.Equal(0, await _management.RunToEndAsync(_token, "schema", "status"));
        await SaysAsync("pending    nothing");
        Assert.Equal(1, await _management.RunToEndAsync(_token, "backup", "x"));
    }

    /// <summary>What a process printed comes in by and by.</summary>
    private Task SaysAsync(string text) => Patience.UntilAsync(
        () => _management.Output.Contains(text, StringComparison.Ordinal),
        Soon,
        () => _management.LastLines,
        _token,
        $"management says {text}");

    private void Load(string dump) => Execute(File.ReadAllText(Checkout.PathOf("Tests", "EndToEnd", "DataFolders", dump)));

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_management.Database};Pooling=False;Foreign Keys=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
