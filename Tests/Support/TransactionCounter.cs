using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PciBus.Tests.Support;

/// <summary>Counts the transactions that are begun.</summary>
internal sealed class TransactionCounter : DbTransactionInterceptor
{
    private int _count;

    public int Count => _count;

    public override ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _count);
        return ValueTask.FromResult(result);
    }
}
