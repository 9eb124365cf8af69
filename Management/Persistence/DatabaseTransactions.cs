using Microsoft.EntityFrameworkCore;

namespace PciBus.Management.Persistence;

/// <summary>
/// Runs work in one transaction with a fresh scope, and sends its outbox after the commit. Everything that writes goes
/// through here. The work may be run again from the start (a lost connection, a serialization failure): it keeps nothing
/// but what is in the database.
/// </summary>
internal sealed class DatabaseTransactions(IServiceScopeFactory scopes, WriteLine line, OutboxRelay relay)
{
    /// <summary>Runs work on one manager and commits.</summary>
    public Task<T> RunAsync<TManager, T>(Func<TManager, Task<T>> work, CancellationToken cancellationToken)
        where TManager : notnull => RunAsync(work, _ => true, cancellationToken);

    /// <inheritdoc cref="RunAsync{TManager,T}(Func{TManager,Task{T}},CancellationToken)"/>
    public Task RunAsync<TManager>(Func<TManager, Task> work, CancellationToken cancellationToken) where TManager : notnull =>
        RunAsync<TManager, bool>(
            async manager =>
            {
                await work(manager);
                return true;
            },
            cancellationToken);

    /// <summary>Runs work on one manager and commits when its result says so; otherwise nothing has happened.</summary>
    public async Task<T> RunAsync<TManager, T>(
        Func<TManager, Task<T>> work, Func<T, bool> commitIf, CancellationToken cancellationToken) where TManager : notnull
    {
        using var turn = await line.EnterAsync(cancellationToken);
        var (result, messages) = await AttemptWithRetriesAsync(work, commitIf, cancellationToken);
        relay.Take(messages);
        return result;
    }

    private async Task<(T Result, IReadOnlyList<OutboxMessage> Messages)> AttemptWithRetriesAsync<TManager, T>(
        Func<TManager, Task<T>> work, Func<T, bool> commitIf, CancellationToken cancellationToken) where TManager : notnull
    {
        await using var outer = scopes.CreateAsyncScope();
        var strategy = outer.ServiceProvider.GetRequiredService<PciBusDbContext>().Database.CreateExecutionStrategy();
        return strategy.RetriesOnFailure
            ? await strategy.ExecuteAsync(
                async token =>
                {
                    await using var scope = scopes.CreateAsyncScope();
                    return await AttemptAsync(scope.ServiceProvider, work, commitIf, token);
                },
                cancellationToken)
            : await AttemptAsync(outer.ServiceProvider, work, commitIf, cancellationToken);
    }

    private static async Task<(T Result, IReadOnlyList<OutboxMessage> Messages)> AttemptAsync<TManager, T>(
        IServiceProvider services, Func<TManager, Task<T>> work, Func<T, bool> commitIf, CancellationToken cancellationToken)
        where TManager : notnull
    {
        var database = services.GetRequiredService<PciBusDbContext>();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        var result = await work(services.GetRequiredService<TManager>());
        if (!commitIf(result)) return (result, []);
        await database.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (result, services.GetRequiredService<Outbox>().Written);
    }
}
