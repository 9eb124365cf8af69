using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PciBus.Tests.Simulation;

/// <summary>
/// Makes SQLite behave as the engines do that run many transactions at once: a transaction reads what is committed in that
/// moment until it writes for the first time, and before that others may come in between. From its first write to its
/// commit it is alone, as the others would wait for its rows. Also the place where a server dies around a commit.
/// </summary>
internal sealed class ReadCommitted(ManagementServer server, SimulationLoop loop, Random random, SqliteConnection reading, PlantedBug bug)
    : DbCommandInterceptor, IDbTransactionInterceptor
{
    private readonly HashSet<DbConnection> _writing = [];

    public ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection,
        TransactionStartingEventData eventData,
        InterceptionResult<DbTransaction> result,
        CancellationToken cancellationToken = default)
    {
        server.ThrowIfDead();
        _writing.Remove(connection);
        return new(InterceptionResult<DbTransaction>.SuppressWithResult(((SqliteConnection)connection).BeginTransaction(deferred: true)));
    }

    public ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        server.DieAt(CrashKind.ManagementBeforeCommit);
        return new(result);
    }

    public Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        server.Committed();
        server.DieAt(CrashKind.ManagementAfterCommit);
        return Task.CompletedTask;
    }

    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        await BeforeAsync(command);
        return result;
    }

    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        await BeforeAsync(command);
        return result;
    }

    private async Task BeforeAsync(DbCommand command)
    {
        loop.ThrowIfElsewhere();
        server.ThrowIfDead();
        command.CommandText = bug.Rewrite(command.CommandText);
        var reads = command.CommandText.StartsWith("SELECT", StringComparison.Ordinal);
        if (command.Transaction is null)
        {
            if (!reads) server.Committed();
            return;
        }

        if (_writing.Contains(command.Connection!)) return;
        if (reads)
        {
            command.Transaction = null;
            command.Connection = reading;
            return;
        }

        var connection = command.Connection!;
        // Most are quick; now and then one takes so long that others overtake it.
        if (random.Next(3) == 0) await loop.PauseAsync(TimeSpan.FromMilliseconds(random.Next(random.Next(5) == 0 ? 400 : 20)));
        server.ThrowIfDead();
        _writing.Add(connection);
    }
}
