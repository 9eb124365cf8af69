using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using PciBus.Tests.Simulation.Faults;
using PciBus.Tests.Simulation.Planted;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation.Product;

/// <summary>
/// Makes SQLite behave as the engines do that run many transactions at once: a transaction reads what is committed in that
/// moment until it writes for the first time, and before that others may come in between. From its first write to its
/// commit it is alone, as the others would wait for its rows. Also the place where a server dies around a commit.
/// </summary>
internal sealed class ReadCommitted(ManagementServer server, SimulationLoop loop, Random random, SqliteConnection reading, PlantedBug bug)
    : DbCommandInterceptor, IDbTransactionInterceptor
{
    // Those that have begun to write, and whether they wrote what the judge looks at.
    private readonly Dictionary<DbTransaction, bool> _writing = [];

    public ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
        DbConnection connection,
        TransactionStartingEventData eventData,
        InterceptionResult<DbTransaction> result,
        CancellationToken cancellationToken = default)
    {
        server.ThrowIfDead();
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
        server.Committed(_writing.Remove(transaction, out var isJudged) && isJudged);
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
        if (command.Transaction is not { } transaction)
        {
            if (!reads) server.Committed(SimulatedDatabase.IsJudged(command.CommandText));
            return;
        }

        if (reads)
        {
            if (_writing.ContainsKey(transaction)) return;
            command.Transaction = null;
            command.Connection = reading;
            return;
        }

        var isJudged = SimulatedDatabase.IsJudged(command.CommandText);
        if (_writing.TryGetValue(transaction, out var wasJudged))
        {
            _writing[transaction] = isJudged || wasJudged;
            return;
        }

        // Most are quick; now and then one takes so long that others overtake it.
        if (random.Next(3) == 0) await loop.PauseAsync(TimeSpan.FromMilliseconds(random.Next(random.Next(5) == 0 ? 400 : 20)));
        server.ThrowIfDead();
        _writing.Add(transaction, isJudged);
    }
}
