using Microsoft.Data.SqlClient;

namespace PciBus.Management.Persistence;

/// <summary>What the errors of SQL Server mean, each by its number.</summary>
/// <remarks>https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors</remarks>
internal static class SqlServerErrors
{
    /// <summary>No answer within the time of a command: whether the command was carried out is not known.</summary>
    public const int TimeOut = -2;

    public const int NoSuchDatabase = 4060;

    /// <summary>From here on the server, or its client, has closed the connection.</summary>
    private const byte Fatal = 20;

    // No page, no page in a filegroup, no log.
    private static readonly HashSet<int> Full = [1101, 1105, 9002];

    private static readonly HashSet<int> ReadOnly = [3906];

    // Deadlock; update conflict of a snapshot; the same key twice, in a constraint and in an index; a reference to nothing.
    private static readonly HashSet<int> LostRaces = [1205, 3960, 2627, 2601, 547];

    // No answer in time; sockets (broken pipe, reset, refused, unknown host); shut down, paused, being started, not to be opened now;
    // a replica that may not be used.
    private static readonly HashSet<int> Away =
        [TimeOut, 64, 121, 233, 258, 10053, 10054, 10060, 10061, 11001, 6005, 17142, 921, NoSuchDatabase, 976, 983];

    public static bool IsFull(SqlException exception) => Full.Contains(exception.Number);

    public static bool IsReadOnly(SqlException exception) => ReadOnly.Contains(exception.Number);

    public static bool IsLostRace(SqlException exception) => LostRaces.Contains(exception.Number);

    /// <summary>The connection was lost, or cannot be had now: the same work may succeed over another connection.</summary>
    public static bool IsAway(SqlException exception) => exception.Class >= Fatal || Away.Contains(exception.Number);

    /// <summary>The first error of the server, or of its client, in one line.</summary>
    public static string TextOf(SqlException exception) => exception.Errors[0].Message.ReplaceLineEndings(" ");
}
