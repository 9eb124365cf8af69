using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL;

namespace PciBus.Management.Persistence;

/// <summary>
/// Runs again what PostgreSQL broke off: at once, with some jitter, after a conflict with another transaction; with a
/// growing pause when the connection was lost.
/// </summary>
internal sealed class PostgreSqlRetries(ExecutionStrategyDependencies dependencies)
    : NpgsqlRetryingExecutionStrategy(dependencies, maxRetryCount: 12, maxRetryDelay: TimeSpan.FromSeconds(5), Codes)
{
    private static readonly string[] Codes =
    [
        // Two transactions found that a row was missing and both wrote it: the one that was second finds it now.
        PostgresErrorCodes.UniqueViolation,
        // idle_in_transaction_session_timeout: this process stood still in the middle of a transaction.
        "25P03",
    ];

    /// <summary>A row that changed after it was read counts as a conflict too.</summary>
    protected override bool ShouldRetryOn(Exception? exception) => exception is DbUpdateConcurrencyException || base.ShouldRetryOn(exception);

    protected override TimeSpan? GetNextDelay(Exception lastException)
    {
        if (base.GetNextDelay(lastException) is not { } delay) return null;
        var isConflict = CallOnWrappedException(lastException, IsConflict);
        return isConflict ? TimeSpan.FromMilliseconds(Random.Shared.Next(5, 20 * (ExceptionsEncountered.Count + 1))) : delay;
    }

    private static bool IsConflict(Exception exception) => exception is DbUpdateConcurrencyException or PostgresException
    {
        SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.UniqueViolation,
    };
}
