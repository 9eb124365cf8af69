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
    protected override bool ShouldRetryOn(Exception exception) => !LostRace.Is(exception) && base.ShouldRetryOn(exception);
}
