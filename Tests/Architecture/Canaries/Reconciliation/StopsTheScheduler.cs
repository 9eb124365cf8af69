namespace PciBus.Tests.Architecture.Canaries.Reconciliation;

internal sealed class StopsTheScheduler
{
    public static Type Scheduler => typeof(Quartz.IScheduler);
}
