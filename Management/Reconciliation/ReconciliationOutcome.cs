namespace PciBus.Management.Reconciliation;

/// <summary>What came of the runs of a job in one process that are not written down yet.</summary>
/// <param name="Result">Of the last one: what it did, or the error.</param>
/// <param name="Failing">Failures in a row up to the last one; 0 = it succeeded.</param>
/// <param name="Runs">How many there were.</param>
/// <param name="Failures">How many of them failed.</param>
internal sealed record ReconciliationOutcome(
    DateTimeOffset Start, DateTimeOffset End, string Result, int Failing, int Runs, int Failures)
{
    /// <summary>It succeeded, and had failed before, or is the first of this process.</summary>
    public bool Recovers { get; init; }
}
