using PciBus.Management.Hosts.Joining;
using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Takes away the exchanges on the broker in front of queues of hosts that are gone.</summary>
internal sealed class BrokerExchangesJob(BrokerExchangeManager exchanges) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await exchanges.DeleteUnneededAsync(cancellationToken) is > 0 and var deleted ? $"exchanges taken away: {deleted}" : null;
}
