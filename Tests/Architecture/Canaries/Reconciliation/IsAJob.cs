namespace PciBus.Tests.Architecture.Canaries.Reconciliation;

internal sealed class IsAJob : Quartz.IJob
{
    public ValueTask Execute(Quartz.IJobExecutionContext context, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
