namespace PciBus.Management.Persistence;

/// <summary>
/// SQLite lets one transaction write at a time and makes the others poll for their turn; here they stand in line instead,
/// first come first served. The other engines do their own queueing: the line lets everybody through.
/// </summary>
internal sealed class WriteLine(DatabaseOptions options) : IDisposable
{
    private readonly SemaphoreSlim? _turn = options.Provider == DatabaseProvider.Sqlite ? new(1, 1) : null;

    public async ValueTask<IDisposable?> EnterAsync(CancellationToken cancellationToken)
    {
        if (_turn is null) return null;
        await _turn.WaitAsync(cancellationToken);
        return new Turn(_turn);
    }

    public void Dispose() => _turn?.Dispose();

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
