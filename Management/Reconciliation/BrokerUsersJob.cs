using Quartz;

namespace PciBus.Management.Reconciliation;

/// <summary>Gives the broker the users of hosts that it should have.</summary>
[DisallowConcurrentExecution]
internal sealed class BrokerUsersJob(BrokerUserManager users) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await users.AlignAsync(cancellationToken);
}
