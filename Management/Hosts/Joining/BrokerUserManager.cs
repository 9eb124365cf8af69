using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts.Joining;

/// <summary>Makes the users of hosts again on a broker that has lost them, and takes away those of hosts that were deleted.</summary>
/// <param name="users">Null when nobody said where the broker's management API is: then there is nothing to do.</param>
internal sealed class BrokerUserManager(DatabaseTransactions transactions, AgentReturn agents, HostUserManager each, IBrokerUsers? users = null)
{
    private const int PageSize = 500;
    private const int AtOnce = 8;

    /// <returns>How many were made and taken away, and how many are of hosts that nobody knows: these are left alone.</returns>
    /// <exception cref="HttpRequestException">The broker's management API refuses it, or cannot be reached.</exception>
    public async Task<(int Made, int Deleted, int Unknown)> AlignAsync(CancellationToken cancellationToken)
    {
        if (users is null) return default;
        var there = await users.ListAsync(cancellationToken);
        var surplus = there.Keys.ToHashSet(StringComparer.Ordinal);
        var made = 0;
        for (IReadOnlyList<HostUser> page = [new HostUser(0, "", "")]; ;)
        {
            var last = page[^1].HostId;
            page = await transactions.RunAsync((HostJoinManager joins) => joins.UsersAsync(last, PageSize, cancellationToken), cancellationToken);
            if (page.Count == 0) break;
            surplus.ExceptWith(page.Select(user => user.Guid));
            List<HostUser> wrong = [.. page.Where(user => there.GetValueOrDefault(user.Guid) != user.PasswordHash)];
            await Parallel.ForEachAsync(
                wrong,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                async (user, token) => await each.AlignAsync(user.Guid, token));
            made += wrong.Count;
        }

        // Until now these agents could not come back, whoever else was there.
        if (made > 0) agents.NoteInterruption();
        var deleted = surplus.Count == 0
            ? []
            : await transactions.RunAsync((HostJoinManager joins) => joins.DeletedAsync(surplus, cancellationToken), cancellationToken);
        foreach (var guid in deleted) await each.AlignAsync(guid, cancellationToken);
        return (made, deleted.Count, surplus.Count - deleted.Count);
    }
}
