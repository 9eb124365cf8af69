namespace PciBus.Tests.Architecture.Canaries.Agents;

internal sealed class IsAJob : Quartz.IJob
{
    public ValueTask Execute(Quartz.IJobExecutionContext context, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
