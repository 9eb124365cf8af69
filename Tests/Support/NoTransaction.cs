using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PciBus.Tests.Support;

/// <summary>Transactions on connections that are never opened.</summary>
internal sealed class NoTransaction : DbTransactionInterceptor
{
    public static NoTransaction Instance { get; } = new();

    public override InterceptionResult<DbTransaction> TransactionStarting(
        DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result) =>
        InterceptionResult<DbTransaction>.SuppressWithResult(new Nothing(connection, eventData.IsolationLevel));

    public override InterceptionResult TransactionRollingBack(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result) => InterceptionResult.Suppress();

    private sealed class Nothing(DbConnection connection, System.Data.IsolationLevel level) : DbTransaction
    {
        public override System.Data.IsolationLevel IsolationLevel => level;

        protected override DbConnection DbConnection => connection;

        public override void Commit()
        {
        }

        public override void Rollback()
        {
        }
    }
}
