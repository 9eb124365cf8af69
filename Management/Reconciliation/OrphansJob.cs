using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Sets lines of workflows going that nothing else would, and ends jobs that nothing works on.</summary>
internal sealed class OrphansJob(ReconciliationManager reconciliation) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await reconciliation.AdoptOrphansAsync(cancellationToken) is var (lines, jobs) && lines + jobs > 0
            ? $"lines set going: {lines}, jobs ended: {jobs}"
            : null;
}
