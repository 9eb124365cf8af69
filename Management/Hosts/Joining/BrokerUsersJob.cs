using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.Hosts.Joining;

/// <summary>Makes the users of hosts again on a broker that has lost them, and takes away those of hosts that were deleted.</summary>
/// <param name="users">Null when nobody said where the broker's management API is: then there is nothing to do.</param>
internal sealed class BrokerUsersJob(
    DatabaseTransactions transactions, BrokerOutage agents, HostUserManager each, IBrokerUsers? users = null) : IReconciliationJob
{
    private const int PageSize = 500;
    private const int AtOnce = 8;

    public static ReconciliationJob About { get; } = new(
        typeof(BrokerUsersJob), "broker.users",
        "Makes the users of hosts again on a broker that has lost them, and takes away those of hosts that are gone",
        TimeSpan.FromSeconds(10), "how often the broker's users are compared with the hosts");

    /// <exception cref="HttpRequestException">The broker's management API refuses it, or cannot be reached.</exception>
    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        if (users is null) return null;
        var there = await users.ListAsync(cancellationToken);
        var surplus = there.Keys.ToHashSet(StringComparer.Ordinal);
        var made = 0;
        for (IReadOnlyList<HostUser> page = [new HostUser(0, "", "")]; ;)
        {
            var last = page[^1].HostId;
            page = await transactions.RunAsync(
                (HostJoinManager joins) => joins.UsersAsync(last, PageSize, cancellationToken), cancellationToken);
            if (page.Count == 0) break;
            surplus.ExceptWith(page.Select(user => user.Guid));
            List<HostUser> wrong = [.. page.Where(user => there.GetValueOrDefault(user.Guid) != user.PasswordHash)];
            await Parallel.ForEachAsync(
                wrong,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                async (user, token) => await each.AlignAsync(user.Guid, token));
            made += wrong.Count;
        }

        // Until now these agents could not come back, even if all others had.
        if (made > 0) agents.NoteInterruption();
        var deleted = surplus.Count == 0
            ? []
            : await transactions.RunAsync((HostJoinManager joins) => joins.DeletedAsync(surplus, cancellationToken), cancellationToken);
        foreach (var guid in deleted) await each.AlignAsync(guid, cancellationToken);
        return made + surplus.Count == 0
            ? null
            : $"users made: {made}, taken away: {deleted.Count}, left because nobody knows their hosts: {surplus.Count - deleted.Count}";
    }
}
