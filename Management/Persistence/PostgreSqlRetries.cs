using Microsoft.EntityFrameworkCore.Storage;
using Npgsql.EntityFrameworkCore.PostgreSQL;

namespace PciBus.Management.Persistence;

/// <summary>
/// Runs work again, with a growing pause, that ended because the connection was lost. Work that lost a race with another transaction is run
/// again by <see cref="DatabaseTransactions"/>.
/// </summary>
internal sealed class PostgreSqlRetries(ExecutionStrategyDependencies dependencies)
    : NpgsqlRetryingExecutionStrategy(dependencies, maxRetryCount: 12, maxRetryDelay: TimeSpan.FromSeconds(5), Codes)
{
    // idle_in_transaction_session_timeout: this process stood still in the middle of a transaction.
    private static readonly string[] Codes = ["25P03"];

    protected override bool ShouldRetryOn(Exception? exception) => !LostRace.Is(exception) && base.ShouldRetryOn(exception);
}
