using PciBus.Management.Hosts.Joining;
using PciBus.Management.Upkeep;

namespace PciBus.Management.Reconciliation;

/// <summary>Gives the broker the users of hosts that it should have.</summary>
internal sealed class BrokerUsersJob(BrokerUserManager users) : IReconciliationJob
{
    public async Task<string?> RunAsync(CancellationToken cancellationToken) =>
        await users.AlignAsync(cancellationToken) is not (0, 0, 0) and var (made, deleted, unknown)
            ? $"users made: {made}, taken away: {deleted}, left because nobody knows their hosts: {unknown}"
            : null;
}
