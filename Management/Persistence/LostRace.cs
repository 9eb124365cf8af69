using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace PciBus.Management.Persistence;

/// <summary>Whether a unit of work failed because another was faster: run again, it sees what the other wrote.</summary>
internal static class LostRace
{
    public static bool Is(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is DbUpdateConcurrencyException || IsPostgreSql(exception)
                || exception is SqlException sqlServer && SqlServerErrors.IsLostRace(sqlServer)) return true;
        }

        return false;
    }

    // Unique violation: two transactions found that a row was missing, and both wrote it. Foreign key violation: a transaction refers to a
    // row that another has just deleted, or deletes a row that another has just referred to.
    private static bool IsPostgreSql(Exception exception) => exception is PostgresException
    {
        SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.UniqueViolation
            or PostgresErrorCodes.ForeignKeyViolation,
    };
}
