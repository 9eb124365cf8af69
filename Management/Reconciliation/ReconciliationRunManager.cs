using Microsoft.EntityFrameworkCore;
using PciBus.Management.Events;
using PciBus.Management.Persistence;

namespace PciBus.Management.Reconciliation;

/// <summary>Records when reconciliation jobs ran and with what outcome, and keeps an alert while a job fails.</summary>
internal sealed class ReconciliationRunManager(PciBusDbContext database, AlertManager alerts)
{
    /// <summary>So many failures in a row are an alert.</summary>
    public const int AlertAfter = 3;

    /// <summary>Records that a run begins.</summary>
    public async Task BeginAsync(string job, string server, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await database.Set<ReconciliationRun>().Where(row => row.Name == job).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.Server, server).SetProperty(row => row.LastStart, now), cancellationToken);
        if (rows == 0) database.Add(new ReconciliationRun { Name = job, Server = server, LastStart = now });
    }

    /// <summary>Records that runs have ended; <see cref="BeginAsync"/> was called once.</summary>
    public async Task EndAsync(string job, string server, ReconciliationOutcome outcome, CancellationToken cancellationToken)
    {
        await database.Set<ReconciliationRun>().Where(row => row.Name == job).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.Server, server)
                .SetProperty(row => row.LastStart, outcome.Start)
                .SetProperty(row => row.LastEnd, outcome.End)
                .SetProperty(row => row.LastResult, outcome.Result)
                .SetProperty(row => row.Failing, outcome.Failing)
                .SetProperty(row => row.Runs, row => row.Runs + outcome.Runs)
                .SetProperty(row => row.Failures, row => row.Failures + outcome.Failures),
            cancellationToken);
        var subject = $"The reconciliation job {job} fails";
        if (outcome.Recovers) await alerts.ResolveAsync(AlertType.ReconciliationJobFails, [subject], cancellationToken);
        if (outcome.Failing >= AlertAfter)
        {
            var body = $"{outcome.Failing} times in a row on {server}: {outcome.Result}. It runs again at its next turn.";
            await alerts.RaiseAsync(AlertType.ReconciliationJobFails, subject, body, null, null, cancellationToken);
        }
    }
}
