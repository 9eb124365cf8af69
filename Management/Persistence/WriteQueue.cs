namespace PciBus.Management.Persistence;

/// <summary>
/// SQLite lets one transaction write at a time and makes the others poll for their turn; here they wait in a queue instead,
/// first come first served. The other engines do their own queueing: with them the queue lets everybody through.
/// </summary>
internal sealed class WriteQueue(DatabaseOptions options) : IDisposable
{
    private readonly SemaphoreSlim? _turn = options.Provider == DatabaseProvider.Sqlite ? new(1, 1) : null;

    /// <summary>The clock for pauses is the machine's own: pauses have nothing to do with the time that the work is about.</summary>
    public TimeProvider Pauses { get; init; } = TimeProvider.System;

    public Random Jitter { get; init; } = Random.Shared;

    public async ValueTask<IDisposable?> EnterAsync(CancellationToken cancellationToken)
    {
        if (_turn is null) return null;
        await _turn.WaitAsync(cancellationToken);
        return new Turn(_turn);
    }

    /// <summary>Pauses after a lost race, lest all losers meet again. With a queue nobody pauses: it lets one write at a time.</summary>
    /// <param name="round">How often this unit of work has lost.</param>
    public Task StepAsideAsync(int round, CancellationToken cancellationToken) => _turn is null
        ? Task.Delay(TimeSpan.FromMilliseconds(Jitter.Next(5, 20 * (round + 1))), Pauses, cancellationToken)
        : Task.CompletedTask;

    public void Dispose() => _turn?.Dispose();

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
