using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api;

/// <summary>Runs what a command writes: all of it, or nothing when it is refused. A lost race is run again.</summary>
internal sealed class ApiTransactions(DatabaseTransactions transactions)
{
    private const int Rounds = 10;

    /// <exception cref="ApiException">The work was refused.</exception>
    public async Task RunAsync<TManager>(Func<TManager, Task<Refusal?>> work, CancellationToken cancellationToken) where TManager : notnull
    {
        if (await RunAsync(work, refused => refused is null, cancellationToken) is { } refusal) throw ApiErrors.Of(refusal);
    }

    /// <summary>For work that begins a job.</summary>
    /// <exception cref="ApiException">The work was refused.</exception>
    public async Task<ApiAnswer> BeginJobAsync<TManager>(
        Func<TManager, Task<(Refusal? Refusal, Guid JobUuid)>> work, CancellationToken cancellationToken) where TManager : notnull
    {
        var (refusal, jobUuid) = await RunAsync(work, begun => begun.Refusal is null, cancellationToken);
        return refusal is null ? ApiAnswer.Job(jobUuid) : throw ApiErrors.Of(refusal);
    }

    /// <summary>For what is written or not as its result says.</summary>
    public async Task<T> RunAsync<TManager, T>(Func<TManager, Task<T>> work, Func<T, bool> commitIf, CancellationToken cancellationToken)
        where TManager : notnull
    {
        for (var round = 1; ; round++)
        {
            try
            {
                return await transactions.RunAsync(work, commitIf, cancellationToken);
            }
            catch (DbUpdateConcurrencyException) when (round < Rounds)
            {
            }
        }
    }
}
