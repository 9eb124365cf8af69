using PciBus.Management.Persistence;

namespace PciBus.Management.Api;

/// <summary>Runs the writes of a command: all of them, or none when the work is refused.</summary>
internal sealed class ApiTransactions(DatabaseTransactions transactions)
{
    /// <exception cref="ApiException">The work was refused.</exception>
    public async Task RunAsync<TManager>(Func<TManager, Task<Refusal?>> work, CancellationToken cancellationToken) where TManager : notnull
    {
        if (await RunAsync(work, refused => refused is null, cancellationToken) is { } refusal) throw ApiErrors.Of(refusal);
    }

    /// <summary>For work whose result says whether it is committed.</summary>
    public Task<T> RunAsync<TManager, T>(Func<TManager, Task<T>> work, Func<T, bool> commitIf, CancellationToken cancellationToken)
        where TManager : notnull => transactions.RunAsync(work, commitIf, cancellationToken);
}
