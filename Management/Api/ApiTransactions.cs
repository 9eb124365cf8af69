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

    /// <summary>For work that begins a job.</summary>
    /// <param name="begin">Answers why it is refused, or the job.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The answer that names the job.</returns>
    /// <exception cref="ApiException">The work was refused.</exception>
    public async Task<ApiAnswer> BeginAsync<TManager>(
        Func<TManager, Task<(Refusal? Refusal, Guid JobUuid)>> begin, CancellationToken cancellationToken) where TManager : notnull
    {
        var (refusal, jobUuid) = await RunAsync(begin, begun => begun.Refusal is null, cancellationToken);
        return refusal is null ? ApiAnswer.Job(jobUuid) : throw ApiErrors.Of(refusal);
    }

    /// <summary>For work whose result says whether it is committed.</summary>
    public Task<T> RunAsync<TManager, T>(Func<TManager, Task<T>> work, Func<T, bool> commitIf, CancellationToken cancellationToken)
        where TManager : notnull => transactions.RunAsync(work, commitIf, cancellationToken);
}
