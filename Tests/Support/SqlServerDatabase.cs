using System.Data.Common;
using Microsoft.Data.SqlClient;
using PciBus.Management.Persistence;
using Xunit;

namespace PciBus.Tests.Support;

/// <summary>A database of the SQL Server for tests.</summary>
internal sealed class SqlServerDatabase : TestDatabase
{
    private static readonly Lock Gate = new();

    /// <summary>Made while the test before ran: to make a database, and its tables, takes longer than most tests.</summary>
    private static Task<string>? _next;

    private static Task _dropped = Task.CompletedTask;

    private readonly string _name;

    public SqlServerDatabase(bool empty = false)
    {
        SqlServerServer.Require();
        _name = empty ? Create() : TakeInstalled();
    }

    public string Name => _name;

    public override DatabaseOptions Options => SqlServerServer.Options(_name);

    /// <summary>What makes a database as management wants it. Nothing of a test has to outlive the server.</summary>
    public static IReadOnlyList<string> CreationOf(string name) =>
    [
        $"CREATE DATABASE {name} COLLATE Latin1_General_100_BIN2",
        $"ALTER DATABASE {name} SET READ_COMMITTED_SNAPSHOT ON",
        $"ALTER DATABASE {name} SET RECOVERY SIMPLE",
        $"ALTER DATABASE {name} SET DELAYED_DURABILITY = FORCED",
    ];

    public static string RemovalOf(string name) =>
        $"ALTER DATABASE {name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE {name}";

    public override DbConnection Connect()
    {
        var connection = new SqlConnection(Options.ConnectionString);
        connection.Open();
        return connection;
    }

    public override void IgnoreUpdates(string table, string column, string when) =>
        Assert.Skip("A trigger of SQL Server cannot make an update find no row");

    public override void Dispose()
    {
        using (var connection = new SqlConnection(Options.ConnectionString)) SqlConnection.ClearPool(connection);
        lock (Gate) _dropped = _dropped.ContinueWith(_ => SqlServerServer.Execute(RemovalOf(_name)), TaskScheduler.Default);
    }

    private static string TakeInstalled()
    {
        Task<string> installed;
        lock (Gate)
        {
            if (_next is null) SqlServerServer.AtExit(RemoveRest);
            installed = _next ?? Task.Run(CreateInstalled);
            _next = Task.Run(CreateInstalled);
        }

        return installed.GetAwaiter().GetResult();
    }

    private static void RemoveRest()
    {
        Task<string>? unused;
        lock (Gate) unused = _next;
        if (unused is not null) SqlServerServer.Execute(RemovalOf(unused.GetAwaiter().GetResult()));
        _dropped.GetAwaiter().GetResult();
    }

    private static string CreateInstalled()
    {
        var name = Create();
        SchemaInstaller.Upgrade(SqlServerServer.Options(name));
        return name;
    }

    private static string Create()
    {
        var name = $"pcibus_test_{Guid.NewGuid():N}";
        foreach (var command in CreationOf(name)) SqlServerServer.Execute(command);
        return name;
    }
}
