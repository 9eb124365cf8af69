using System.Data.Common;
using Npgsql;
using PciBus.Management.Persistence;

namespace PciBus.Tests.Support;

/// <summary>A database of the PostgreSQL server for tests, copied from one with the installed schema.</summary>
internal sealed class PostgreSqlDatabase : TestDatabase
{
    private static readonly Lazy<string> Template = new(InstallTemplate);
    private static readonly Lock Gate = new();

    /// <summary>Made while the test before ran: to copy and to drop a database takes longer than most tests.</summary>
    private static Task<string>? _next;

    private static Task _dropped = Task.CompletedTask;

    private readonly string _name;

    public PostgreSqlDatabase(bool empty = false)
    {
        PostgreSqlServer.Require();
        if (empty) PostgreSqlServer.Execute($"CREATE DATABASE {_name = NewName()}");
        else _name = TakeCopy();
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
        lock (Gate) _dropped = _dropped.ContinueWith(_ => Drop(_name), TaskScheduler.Default);
    }

    private static string TakeCopy()
    {
        Task<string> copy;
        lock (Gate)
        {
            copy = _next ?? Task.Run(MakeCopy);
            _next = Task.Run(MakeCopy);
        }

        return copy.GetAwaiter().GetResult();
    }

    private static string MakeCopy()
    {
        var name = NewName();
        PostgreSqlServer.Execute($"CREATE DATABASE {name} TEMPLATE {Template.Value}{PostgreSqlServer.CopyStrategy}");
        return name;
    }

    private static void Drop(string name) => PostgreSqlServer.Execute($"DROP DATABASE {name} WITH (FORCE)");

    private static string InstallTemplate()
    {
        var name = NewName();
        PostgreSqlServer.Execute($"CREATE DATABASE {name}");
        var options = PostgreSqlServer.Options(name);
        SchemaInstaller.Upgrade(options);
        using (var connection = new NpgsqlConnection(options.ConnectionString)) NpgsqlConnection.ClearPool(connection);
        PostgreSqlServer.AtExit(() =>
        {
            Task<string>? unused;
            lock (Gate) unused = _next;
            if (unused is not null) Drop(unused.GetAwaiter().GetResult());
            _dropped.GetAwaiter().GetResult();
            Drop(name);
        });
        return name;
    }

    private static string NewName() => $"pcibus_test_{Guid.NewGuid():N}";
}
