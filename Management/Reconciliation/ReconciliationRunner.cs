using System.Collections.Concurrent;
using PciBus.Management.Persistence;

namespace PciBus.Management.Reconciliation;

/// <summary>
/// Runs reconciliation jobs, by the scheduler and by hand, one run of each at a time in this process. A result is recorded when it differs
/// from the one before, and at least once a minute: most runs of most jobs find nothing to do.
/// </summary>
internal sealed partial class ReconciliationRunner(
    IReadOnlyList<ReconciliationJob> jobs,
    IServiceProvider services,
    DatabaseTransactions transactions,
    TimeProvider time,
    ILogger<ReconciliationRunner> logger)
{
    private const string Nothing = "nothing to do";

    /// <summary>After so long a run is recorded even if its result is the same as before.</summary>
    private static readonly TimeSpan RecordInterval = TimeSpan.FromMinutes(1);

    private static readonly string Server = $"{Environment.MachineName}:{Environment.ProcessId}";
    private readonly ConcurrentDictionary<string, JobState> _states = new();

    public IReadOnlyList<ReconciliationJob> Jobs => jobs;

    /// <summary>Runs a job. A failure is logged, and the job runs again at its next turn.</summary>
    /// <param name="byHand">An operator wants to see the run: it is recorded in any case.</param>
    /// <returns>Why it failed; null when it did not.</returns>
    public async Task<string?> RunAsync(ReconciliationJob job, bool byHand, CancellationToken cancellationToken)
    {
        var state = _states.GetOrAdd(job.Name, _ => new JobState());
        await state.Turn.WaitAsync(cancellationToken);
        try
        {
            var start = time.GetUtcNow();
            // Also due when the clock was set back: the recorded time then lies ahead.
            var isDue = byHand || (start - state.Written).Duration() >= RecordInterval;
            if (isDue)
            {
                await RecordAsync(job, runs => runs.BeginAsync(job.Name, Server, start, cancellationToken), cancellationToken);
            }

            var (result, error) = await TryAsync(job, cancellationToken);
            state.Note(error is not null);
            if (!isDue && result == state.Result && state.Failing != ReconciliationRunManager.AlertAfter) return error;
            var outcome = new ReconciliationOutcome(start, time.GetUtcNow(), result, state.Failing, state.Runs, state.Failures)
            {
                // Only the server that has seen the job fail knows that it is well again: on another server it may still fail.
                Recovers = error is null && state.MayHaveFailed,
            };
            if (await RecordAsync(job, runs => runs.EndAsync(job.Name, Server, outcome, cancellationToken), cancellationToken))
            {
                (state.Written, state.Result, state.Runs, state.Failures) = (start, result, 0, 0);
                state.MayHaveFailed = error is not null;
            }

            return error;
        }
        finally
        {
            state.Turn.Release();
        }
    }

    private async Task<(string Result, string? Error)> TryAsync(ReconciliationJob job, CancellationToken cancellationToken)
    {
        try
        {
            return (await ((IReconciliationJob)services.GetRequiredService(job.Work)).RunAsync(cancellationToken) ?? Nothing, null);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception, job.Name);
            var error = exception.GetBaseException().Message;
            return ($"failed: {error}", error);
        }
    }

    /// <returns>False when the outcome could not be recorded: the job has run all the same.</returns>
    private async Task<bool> RecordAsync(
        ReconciliationJob job, Func<ReconciliationRunManager, Task> write, CancellationToken cancellationToken)
    {
        try
        {
            await transactions.RunAsync(write, cancellationToken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotRecorded(exception, job.Name);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The reconciliation job {Job} failed; it runs again at its next turn")]
    private partial void LogFailed(Exception exception, string job);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What came of the reconciliation job {Job} could not be written down")]
    private partial void LogNotRecorded(Exception exception, string job);

    /// <summary>What this process knows of a job.</summary>
    private sealed class JobState
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        /// <summary>When a run was last written down.</summary>
        public DateTimeOffset Written { get; set; } = DateTimeOffset.MinValue;

        public string? Result { get; set; }

        /// <summary>Failures in a row.</summary>
        public int Failing { get; set; }

        /// <summary>Runs that are not recorded yet.</summary>
        public int Runs { get; set; }

        /// <summary>Those of <see cref="Runs"/> that failed.</summary>
        public int Failures { get; set; }

        /// <summary>A run may have failed since a success was last recorded; also true at first, as nobody knows what was before.</summary>
        public bool MayHaveFailed { get; set; } = true;

        public void Note(bool failed)
        {
            Runs++;
            if (failed) Failures++;
            Failing = failed ? Failing + 1 : 0;
            MayHaveFailed |= failed;
        }
    }
}
