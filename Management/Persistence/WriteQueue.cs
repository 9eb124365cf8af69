namespace PciBus.Management.Persistence;

/// <summary>
/// SQLite lets one transaction write at a time and makes the others poll for their turn; here they stand in line instead,
/// first come first served. The other engines do their own queueing: the line lets everybody through.
/// </summary>
internal sealed class WriteQueue(DatabaseOptions options) : IDisposable
{
    private readonly SemaphoreSlim? _turn = options.Provider == DatabaseProvider.Sqlite ? new(1, 1) : null;

    /// <summary>The time of pauses: the machine's own, as they have nothing to do with what the work is about.</summary>
    public TimeProvider Pauses { get; init; } = TimeProvider.System;

    public Random Jitter { get; init; } = Random.Shared;

    public async ValueTask<IDisposable?> EnterAsync(CancellationToken cancellationToken)
    {
        if (_turn is null) return null;
        await _turn.WaitAsync(cancellationToken);
        return new Turn(_turn);
    }

    /// <summary>Lets those pass that one has lost a race with: who stands in line meets nobody, elsewhere all would meet again.</summary>
    /// <param name="round">How often it has lost.</param>
    public Task StepAsideAsync(int round, CancellationToken cancellationToken) => _turn is null
        ? Task.Delay(TimeSpan.FromMilliseconds(Jitter.Next(5, 20 * (round + 1))), Pauses, cancellationToken)
        : Task.CompletedTask;

    public void Dispose() => _turn?.Dispose();

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
