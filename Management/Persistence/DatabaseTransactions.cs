using Microsoft.EntityFrameworkCore.Storage;

namespace PciBus.Management.Persistence;

/// <summary>
/// Runs work in one transaction with a fresh scope; after the commit it sends the outbox and runs the actions that were left until then.
/// Everything that writes goes through here. The work may be run again from the start (a lost connection, a lost race), so it must keep
/// nothing but what is in the database. No other code runs lost races again.
/// </summary>
internal sealed class DatabaseTransactions(IServiceScopeFactory scopes, WriteQueue writes, OutboxRelay relay, TimeProvider time)
{
    /// <summary>How often work that lost a race is run: each time one of those that race wins.</summary>
    private const int Rounds = 20;

    /// <summary>Runs work on one manager and commits.</summary>
    public Task<T> RunAsync<TManager, T>(Func<TManager, Task<T>> work, CancellationToken cancellationToken)
        where TManager : notnull => RunAsync(work, _ => UnitOutcome.Commit, cancellationToken);

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
    public Task<T> RunAsync<TManager, T>(Func<TManager, Task<T>> work, Func<T, bool> commitIf, CancellationToken cancellationToken)
        where TManager : notnull =>
            RunAsync(work, result => commitIf(result) ? UnitOutcome.Commit : UnitOutcome.RollBack, cancellationToken);

    /// <summary>Runs work on one manager, and again as long as it loses a race.</summary>
    /// <param name="judge">
    /// What is to become of the work, by its result; when all rounds are over, a race that was lost is rolled back.
    /// </param>
    public async Task<T> RunAsync<TManager, T>(
        Func<TManager, Task<T>> work, Func<T, UnitOutcome> judge, CancellationToken cancellationToken) where TManager : notnull
    {
        for (var round = 1; ; round++)
        {
            try
            {
                using var turn = await writes.EnterAsync(cancellationToken);
                var attempt = await AttemptConnectedAsync(work, judge, cancellationToken);
                relay.Take(attempt.Messages);
                foreach (var action in attempt.Actions) action();
                if (attempt.Outcome != UnitOutcome.RunAgain || round >= Rounds) return attempt.Result!;
            }
            catch (Exception exception) when (round < Rounds && LostRace.Is(exception))
            {
            }

            await writes.StepAsideAsync(round, cancellationToken);
        }
    }

    /// <summary>Deletes the markers of commits that no process will look for any more.</summary>
    /// <returns>How many.</returns>
    public Task<int> DeleteMarkersAsync(CancellationToken cancellationToken) => RunAsync(
        (PciBusDbContext database) => CommitOutcome.DeleteOldAsync(database, time.GetUtcNow(), cancellationToken), cancellationToken);

    private async Task<Attempt<T>> AttemptConnectedAsync<TManager, T>(
        Func<TManager, Task<T>> work, Func<T, UnitOutcome> judge, CancellationToken cancellationToken) where TManager : notnull
    {
        await using var outer = scopes.CreateAsyncScope();
        var database = outer.ServiceProvider.GetRequiredService<PciBusDbContext>();
        var strategy = database.Database.CreateExecutionStrategy();
        var attempt = new Attempt<T>();
        if (!strategy.RetriesOnFailure)
        {
            await AttemptAsync(outer.ServiceProvider, work, judge, attempt, cancellationToken);
            return attempt;
        }

        return await strategy.ExecuteAsync(
            attempt,
            async (_, _, token) =>
            {
                await using var scope = scopes.CreateAsyncScope();
                await AttemptAsync(scope.ServiceProvider, work, judge, attempt, token);
                return attempt;
            },
            async (_, _, token) => new ExecutionResult<Attempt<T>>(
                attempt.Marker is { } marker && await CommitOutcome.IsCommittedAsync(database, marker, time.GetUtcNow(), token), attempt),
            cancellationToken);
    }

    private async Task AttemptAsync<TManager, T>(
        IServiceProvider services, Func<TManager, Task<T>> work, Func<T, UnitOutcome> judge, Attempt<T> attempt,
        CancellationToken cancellationToken)
        where TManager : notnull
    {
        attempt.Marker = null;
        (attempt.Messages, attempt.Actions) = ([], []);
        var database = services.GetRequiredService<PciBusDbContext>();
        await using var transaction = await database.Database.BeginTransactionAsync(cancellationToken);
        database.HasWritten = false;
        attempt.Result = await work(services.GetRequiredService<TManager>());
        attempt.Outcome = judge(attempt.Result);
        if (attempt.Outcome != UnitOutcome.Commit) return;
        await database.SaveChangesAsync(cancellationToken);
        attempt.Messages = services.GetRequiredService<Outbox>().Written;
        attempt.Actions = services.GetRequiredService<AfterCommit>().Actions;
        attempt.Marker = await CommitOutcome.MarkAsync(database, time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The outcome of the last attempt.</summary>
    private sealed class Attempt<T>
    {
        public T? Result { get; set; }

        public UnitOutcome Outcome { get; set; }

        public IReadOnlyList<OutboxMessage> Messages { get; set; } = [];

        public IReadOnlyList<Action> Actions { get; set; } = [];

        /// <summary>Marks its transaction, from just before the commit: with it the outcome of the commit can be looked up.</summary>
        public Guid? Marker { get; set; }
    }
}
