using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PciBus.Tests.Persistence;

/// <summary>Loses the connection at a commit, once: before it reaches the server, or on the way back.</summary>
/// <param name="failure">As the engine's client tells it.</param>
internal sealed class LostAnswer(bool afterTheCommit, Exception failure) : DbTransactionInterceptor
{
    private int _lost;

    public override ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (!afterTheCommit) Lose();
        return ValueTask.FromResult(result);
    }

    public override Task TransactionCommittedAsync(
        DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (afterTheCommit) Lose();
        return Task.CompletedTask;
    }

    private void Lose()
    {
        if (Interlocked.Exchange(ref _lost, 1) == 0) throw failure;
    }
}
