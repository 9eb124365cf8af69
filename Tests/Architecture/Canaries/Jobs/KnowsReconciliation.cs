namespace PciBus.Tests.Architecture.Canaries.Jobs;

internal sealed class KnowsReconciliation(PciBus.Management.Reconciliation.ReconciliationRunner runner)
{
    public override string ToString() => $"{runner}";
}
