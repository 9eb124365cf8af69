using Npgsql;
using PciBus.Management.Persistence;
using Xunit;

namespace PciBus.Tests.Support;

/// <summary>
/// The PostgreSQL server of the tests: the one that <c>PCIBUS_TEST_POSTGRESQL</c> names, else a container where a Docker
/// engine answers, else Debian's, started by hand. Which one is printed.
/// </summary>
internal static class PostgreSqlServer
{
    private static readonly Lazy<(string? ConnectionString, string What)> Server = new(Find);
    private static readonly Lazy<string> Strategy = new(() => Version() >= 15 ? " STRATEGY FILE_COPY" : "");
    private static readonly Stack<Action> Endings = new();

    static PostgreSqlServer() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        while (Endings.TryPop(out var ending)) ending();
    };

    /// <summary>Skips the test when there is no server to be had.</summary>
    public static void Require()
    {
        OutOfProcessAttribute.Require("PostgreSQL");
        Assert.SkipWhen(Server.Value.ConnectionString is null, Server.Value.What);
    }

    public static DatabaseOptions Options(string database) => DatabaseOptions.PostgreSql(ConnectionString(database));

    /// <summary>What copies a database as files, which is several times faster; before PostgreSQL 15 there was no other way.</summary>
    public static string CopyStrategy => Strategy.Value;

    /// <summary>Runs a command outside all databases of the tests.</summary>
    public static void Execute(string sql)
    {
        using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 180 };
        command.ExecuteNonQuery();
    }

    /// <summary>What is to be done before the process ends; the last comes first.</summary>
    public static void AtExit(Action ending) => Endings.Push(ending);

    private static int Version()
    {
        using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        connection.Open();
        return connection.PostgreSqlVersion.Major;
    }

    /// <summary>With pools that are gone soon after their test.</summary>
    private static string ConnectionString(string database) => new NpgsqlConnectionStringBuilder(Server.Value.ConnectionString)
    {
        Database = database,
        ConnectionIdleLifetime = 5,
        ConnectionPruningInterval = 1,
        IncludeErrorDetail = true,
    }.ConnectionString;

    private static (string? ConnectionString, string What) Find()
    {
        var server = Environment.GetEnvironmentVariable("PCIBUS_TEST_POSTGRESQL") is { Length: > 0 } given
            ? (given, "the server of PCIBUS_TEST_POSTGRESQL")
            : PostgreSqlContainer.TryStart() ?? LocalPostgreSql.Start();
        Console.WriteLine($"PostgreSQL for the tests: {server.Item2}");
        return server;
    }
}
