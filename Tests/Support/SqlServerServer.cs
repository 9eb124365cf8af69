using Microsoft.Data.SqlClient;
using PciBus.Management.Persistence;
using Xunit;

namespace PciBus.Tests.Support;

/// <summary>
/// The SQL Server of the tests: the one that <c>PCIBUS_TEST_SQLSERVER</c> names, on which its login may make databases, else a container
/// where a Docker engine answers. Which one is printed.
/// </summary>
internal static class SqlServerServer
{
    public const string NotThere =
        "There is no SQL Server: set PCIBUS_TEST_SQLSERVER to a connection string whose login may make databases, or start a Docker engine; "
        + $"and set {SqlServerCultures.Variable}=0";

    private static readonly Lazy<(string? ConnectionString, string What)> Server = new(Find);
    private static readonly Stack<Action> Endings = new();

    static SqlServerServer() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        while (Endings.TryPop(out var ending)) ending();
    };

    /// <summary>Skips the test when there is no server to be had.</summary>
    public static void Require()
    {
        OutOfProcessAttribute.Require("SQL Server");
        Assert.SkipWhen(Server.Value.ConnectionString is null, Server.Value.What);
        SqlServerCultures.Require();
    }

    public static DatabaseOptions Options(string database) => DatabaseOptions.SqlServer(ConnectionString(database));

    /// <summary>Runs a command outside all databases of the tests.</summary>
    public static void Execute(string sql)
    {
        using var connection = new SqlConnection(ConnectionString("master"));
        connection.Open();
        using var command = new SqlCommand(sql, connection) { CommandTimeout = 180 };
        command.ExecuteNonQuery();
    }

    /// <summary>What is to be done before the process ends; the last comes first.</summary>
    public static void AtExit(Action ending) => Endings.Push(ending);

    private static string ConnectionString(string database) =>
        new SqlConnectionStringBuilder(Server.Value.ConnectionString) { InitialCatalog = database }.ConnectionString;

    private static (string? ConnectionString, string What) Find()
    {
        var server = Named();
        Console.WriteLine($"SQL Server for the tests: {server.What}");
        return server;
    }

    private static (string? ConnectionString, string What) Named()
    {
        var given = Environment.GetEnvironmentVariable("PCIBUS_TEST_SQLSERVER");
        if (!SqlServerCultures.AreKnown) return (null, string.IsNullOrEmpty(given) ? NotThere : SqlServerCultures.Missing);
        return string.IsNullOrEmpty(given)
            ? SqlServerContainer.TryStart() ?? (null, NotThere)
            : (given, "the server of PCIBUS_TEST_SQLSERVER");
    }
}
