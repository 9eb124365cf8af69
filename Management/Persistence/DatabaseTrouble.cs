using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace PciBus.Management.Persistence;

/// <summary>Whether something failed because the database cannot be used now: nothing was done, and a later attempt may succeed.</summary>
internal static class DatabaseTrouble
{
    // https://sqlite.org/rescode.html
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteReadOnly = 8;
    private const int SqliteIoError = 10;
    private const int SqliteFull = 13;
    private const int SqliteCannotOpen = 14;

    private const string Full = "its disk is full";
    private const string ReadOnly = "it may not be written";
    private const string Away = "it does not answer";

    /// <summary>What is the matter with the database, to follow its name; null when the failure has another cause.</summary>
    public static string? Of(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            var trouble = exception switch
            {
                SqliteException sqlite => OfSqlite(sqlite),
                PostgresException { SqlState: PostgresErrorCodes.DiskFull } => Full,
                PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } => "it takes no more connections",
                PostgresException postgres => postgres.IsTransient && !LostRace.Is(postgres) ? Away : null,
                NpgsqlException { InnerException: SocketException or IOException or TimeoutException } => Away,
                SqlException sqlServer => OfSqlServer(sqlServer),
                DbException { IsTransient: true } => Away,
                _ => null,
            };
            if (trouble is not null) return trouble;
        }

        return null;
    }

    private static string? OfSqlServer(SqlException exception) =>
        SqlServerErrors.IsFull(exception) ? Full
        : SqlServerErrors.IsReadOnly(exception) ? ReadOnly
        : SqlServerErrors.IsAway(exception) ? Away
        : null;

    private static string? OfSqlite(SqliteException exception) => exception.SqliteErrorCode switch
    {
        SqliteFull => Full,
        SqliteBusy or SqliteLocked => "another program has locked it",
        SqliteReadOnly => ReadOnly,
        SqliteIoError or SqliteCannotOpen => "its file cannot be used",
        _ => null,
    };
}
