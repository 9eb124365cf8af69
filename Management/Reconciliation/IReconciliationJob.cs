namespace PciBus.Management.Reconciliation;

/// <summary>
/// Looks for what must happen although no message came, and does it. Any server may run it at any time, beside another: it changes rows
/// only by compare-and-swap. The file of a job, beside its capability, is all there is of it, but for its line in the table of all jobs.
/// </summary>
internal interface IReconciliationJob
{
    /// <summary>What it is and how often it runs by default.</summary>
    static abstract ReconciliationJob About { get; }

    /// <returns>What was done, in a short sentence; null when there was nothing to do.</returns>
    Task<string?> RunAsync(CancellationToken cancellationToken);
}
