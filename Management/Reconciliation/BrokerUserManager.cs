using PciBus.Management.Hosts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Reconciliation;

/// <summary>Makes the users of hosts again on a broker that has lost them, and takes away those of hosts that are gone.</summary>
/// <param name="users">Null when nobody said where the broker's management API is: then there is nothing to do.</param>
internal sealed class BrokerUserManager(DatabaseTransactions transactions, IBrokerUsers? users = null)
{
    private const int PageSize = 500;

    /// <returns>How many were made and taken away.</returns>
    /// <exception cref="HttpRequestException">The broker's management API refuses it, or cannot be reached.</exception>
    public async Task<(int Made, int Deleted)> AlignAsync(CancellationToken cancellationToken)
    {
        if (users is null) return (0, 0);
        // Before the hosts are read: one that joins meanwhile is not taken for one that is gone.
        var surplus = (await users.ListAsync(cancellationToken)).ToHashSet(StringComparer.Ordinal);
        var made = 0;
        for (IReadOnlyList<HostUser> page = [new HostUser(0, "", "")]; ;)
        {
            var last = page[^1].HostId;
            page = await transactions.RunAsync((HostJoinManager joins) => joins.UsersAsync(last, PageSize, cancellationToken), cancellationToken);
            if (page.Count == 0) break;
            foreach (var user in page.Where(user => !surplus.Remove(user.Guid)))
            {
                await users.EnsureAsync(user.Guid, user.PasswordHash, cancellationToken);
                made++;
            }
        }

        foreach (var guid in surplus) await users.DeleteAsync(guid, cancellationToken);
        return (made, surplus.Count);
    }
}
