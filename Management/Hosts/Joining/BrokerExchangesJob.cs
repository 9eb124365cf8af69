using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.Hosts.Joining;

/// <summary>
/// Takes away the exchanges that deleted hosts have left on the broker: the exchange of a host is durable, and its agent may have been
/// connected when the host was deleted.
/// </summary>
/// <param name="users">Null when nobody said where the broker's management API is: then there is nothing to do.</param>
internal sealed class BrokerExchangesJob(DatabaseTransactions transactions, IBrokerUsers? users = null) : IReconciliationJob
{
    private const int PageSize = 500;

    public static ReconciliationJob About { get; } = new(
        typeof(BrokerExchangesJob), "broker.exchanges", "Takes away the exchanges of hosts that are gone, where no agent uses them",
        TimeSpan.FromHours(1), "how often the broker's exchanges are compared with the hosts");

    /// <exception cref="HttpRequestException">The broker's management API refuses it, or cannot be reached.</exception>
    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        if (users is null) return null;
        var deleted = 0;
        foreach (var page in (await users.ListExchangesAsync(cancellationToken)).Chunk(PageSize))
        {
            var hosts = await transactions.RunAsync(
                (HostJoinManager joins) => joins.LivingAsync(page, cancellationToken), cancellationToken);
            foreach (var guid in page.Except(hosts))
            {
                if (await users.TryDeleteExchangeAsync(guid, cancellationToken)) deleted++;
            }
        }

        return deleted > 0 ? $"exchanges taken away: {deleted}" : null;
    }
}
