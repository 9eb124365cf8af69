using Microsoft.Data.SqlClient;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace PciBus.Management.Persistence;

/// <summary>
/// Runs again, with a growing pause, what ended because the connection was lost. Who lost a race with another transaction is run again
/// by <see cref="DatabaseTransactions"/>.
/// </summary>
internal sealed class SqlServerRetries(ExecutionStrategyDependencies dependencies)
    : SqlServerRetryingExecutionStrategy(dependencies, maxRetryCount: 12, maxRetryDelay: TimeSpan.FromSeconds(5), errorNumbersToAdd: null)
{
    // A commit whose answer did not come in time may run again like one whose connection was lost: it is looked up by its marker first.
    protected override bool ShouldRetryOn(Exception exception) => !LostRace.Is(exception)
        && (base.ShouldRetryOn(exception) || exception is SqlException sqlServer && SqlServerErrors.IsAway(sqlServer));
}
