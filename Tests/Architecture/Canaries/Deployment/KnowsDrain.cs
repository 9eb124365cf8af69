namespace PciBus.Tests.Architecture.Canaries.Deployment;

internal sealed class KnowsDrain(PciBus.Management.Drain.DrainPlanManager drain)
{
    public override string ToString() => $"{drain}";
}
