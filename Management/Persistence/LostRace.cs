using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace PciBus.Management.Persistence;

/// <summary>Whether a unit of work failed because another was faster: run again from the start, it sees what that one wrote.</summary>
internal static class LostRace
{
    // https://learn.microsoft.com/sql/relational-databases/errors-events/database-engine-events-and-errors
    private const int SqlServerDeadlock = 1205;
    private const int SqlServerUpdateConflict = 3960;
    private const int SqlServerDuplicateKey = 2627;
    private const int SqlServerDuplicateInIndex = 2601;
    private const int SqlServerBrokenReference = 547;

    public static bool Is(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is DbUpdateConcurrencyException || IsPostgreSql(exception) || IsSqlServer(exception)) return true;
        }

        return false;
    }

    // Of a unique violation: two found that a row was missing, and both wrote it. Of a foreign key's: one refers to a row that another
    // has just deleted, or deletes a row that another has just referred to.
    private static bool IsPostgreSql(Exception exception) => exception is PostgresException
    {
        SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.UniqueViolation
            or PostgresErrorCodes.ForeignKeyViolation,
    };

    private static bool IsSqlServer(Exception exception) => exception is SqlException
    {
        Number: SqlServerDeadlock or SqlServerUpdateConflict or SqlServerDuplicateKey or SqlServerDuplicateInIndex or SqlServerBrokenReference,
    };
}
