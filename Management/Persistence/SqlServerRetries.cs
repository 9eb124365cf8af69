using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace PciBus.Management.Persistence;

/// <summary>
/// Runs work again, with a growing pause, that ended because the connection was lost. Work that lost a race with another transaction is run
/// again by <see cref="DatabaseTransactions"/>.
/// </summary>
internal sealed class SqlServerRetries(ExecutionStrategyDependencies dependencies)
    : SqlServerRetryingExecutionStrategy(dependencies, maxRetryCount: 12, maxRetryDelay: TimeSpan.FromSeconds(5), errorNumbersToAdd: null)
{
    // A commit without an answer in time may run again like a commit whose connection was lost: first its marker is looked up.
    protected override bool ShouldRetryOn(Exception exception) => !LostRace.Is(exception)
        && (base.ShouldRetryOn(exception) || exception is SqlException sqlServer && SqlServerErrors.IsAway(sqlServer));
}
