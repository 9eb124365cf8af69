namespace PciBus.Management.Upkeep;

/// <summary>Looks for what must happen although no message came, and does it; may be run at any time.</summary>
internal interface IReconciliationJob
{
    /// <returns>What was done, in a short sentence; null when there was nothing to do.</returns>
    Task<string?> RunAsync(CancellationToken cancellationToken);
}
