using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts.Joining;

/// <summary>
/// Takes away what hosts that are gone have left on the broker: the exchange of a host is durable, and its agent may have been connected
/// when the host was deleted.
/// </summary>
/// <param name="users">Null when nobody said where the broker's management API is: then there is nothing to do.</param>
internal sealed class BrokerExchangeManager(DatabaseTransactions transactions, IBrokerUsers? users = null)
{
    private const int PageSize = 500;

    /// <returns>How many were deleted.</returns>
    /// <exception cref="HttpRequestException">The broker's management API refuses it, or cannot be reached.</exception>
    public async Task<int> DeleteUnneededAsync(CancellationToken cancellationToken)
    {
        if (users is null) return 0;
        var deleted = 0;
        foreach (var page in (await users.ListExchangesAsync(cancellationToken)).Chunk(PageSize))
        {
            var hosts = await transactions.RunAsync((HostJoinManager joins) => joins.LivingAsync(page, cancellationToken), cancellationToken);
            foreach (var guid in page.Except(hosts))
            {
                if (await users.TryDeleteExchangeAsync(guid, cancellationToken)) deleted++;
            }
        }

        return deleted;
    }
}
