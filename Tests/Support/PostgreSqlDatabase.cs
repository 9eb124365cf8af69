using System.Data.Common;
using Npgsql;
using PciBus.Management.Persistence;

namespace PciBus.Tests.Support;

/// <summary>A database of the PostgreSQL server for tests, copied from one with the installed schema.</summary>
internal sealed class PostgreSqlDatabase : TestDatabase
{
    private static readonly Lazy<string> Template = new(InstallTemplate);

    private readonly string _name = NewName();

    public PostgreSqlDatabase(bool empty = false)
    {
        PostgreSqlServer.Require();
        PostgreSqlServer.Execute(empty ? $"CREATE DATABASE {_name}" : $"CREATE DATABASE {_name} TEMPLATE {Template.Value}");
    }

    public override DatabaseOptions Options => PostgreSqlServer.Options(_name);

    public override DbConnection Connect()
    {
        var connection = new NpgsqlConnection(Options.ConnectionString);
        connection.Open();
        return connection;
    }

    public override void IgnoreUpdates(string table, string column, string when)
    {
        Execute("CREATE FUNCTION ignore() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
        Execute($"CREATE TRIGGER ignored BEFORE UPDATE OF {column} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION ignore()");
    }

    public override void Dispose()
    {
        using (var connection = new NpgsqlConnection(Options.ConnectionString)) NpgsqlConnection.ClearPool(connection);
        PostgreSqlServer.Execute($"DROP DATABASE {_name} WITH (FORCE)");
    }

    private static string InstallTemplate()
    {
        var name = NewName();
        PostgreSqlServer.Execute($"CREATE DATABASE {name}");
        var options = PostgreSqlServer.Options(name);
        SchemaInstaller.Upgrade(options);
        using (var connection = new NpgsqlConnection(options.ConnectionString)) NpgsqlConnection.ClearPool(connection);
        PostgreSqlServer.AtExit(() => PostgreSqlServer.Execute($"DROP DATABASE {name} WITH (FORCE)"));
        return name;
    }

    private static string NewName() => $"pcibus_test_{Guid.NewGuid():N}";
}
